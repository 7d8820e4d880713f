package dev.torii.images;

import java.io.ByteArrayOutputStream;

/**
 * A JPEG file without what is not its image: colour profiles, EXIF with its small pictures,
 * comments. Pillow takes no notice of them either, and the decoder of the JDK would spend seconds
 * on a profile.
 */
final class JpegSegments {
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int COMMENT = 0xFE;
  private static final int APP0 = 0xE0;
  private static final int APP14_ADOBE = 0xEE;
  private static final int APP15 = 0xEF;

  private JpegSegments() {}

  /** The bytes that a decoder needs; all of them when they cannot be told apart. */
  static byte[] withoutExtras(byte[] file) {
    var kept = new ByteArrayOutputStream(file.length);
    kept.write(file, 0, 2);
    int at = 2;
    while (at + 4 <= file.length && (file[at] & 0xFF) == 0xFF) {
      int marker = file[at + 1] & 0xFF;
      if (marker == SOS || marker == EOI || marker == SOI) {
        break;
      }
      int length = 2 + (((file[at + 2] & 0xFF) << 8) | (file[at + 3] & 0xFF));
      if (length < 4 || at + length > file.length) {
        return file;
      }
      if (!isExtra(marker)) {
        kept.write(file, at, length);
      }
      at += length;
    }
    kept.write(file, at, file.length - at);
    return kept.toByteArray();
  }

  /** How many passes over the image the file holds: each costs as much as the image has pixels. */
  static int scans(byte[] file) {
    int scans = 0;
    for (int at = 0; at + 1 < file.length; at++) {
      if (file[at] == (byte) 0xFF && file[at + 1] == (byte) SOS) {
        scans++;
      }
    }
    return scans;
  }

  private static boolean isExtra(int marker) {
    return marker == COMMENT || (marker > APP0 && marker <= APP15 && marker != APP14_ADOBE);
  }
}
