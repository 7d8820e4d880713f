package dev.torii.images;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The parts of a WebP file, looked at before it is decoded: a frame tells its own width and height,
 * and the decoder takes room for that, however small the canvas is by which images are bounded.
 */
final class WebpChunks {
  /** {@code RIFF}, a length, {@code WEBP}. */
  private static final int FILE_HEAD = 12;

  /** A name of four letters, a length. */
  private static final int CHUNK_HEAD = 8;

  private static final int LENGTH_AT = 4;
  private static final int CANVAS_BYTES = 10;
  private static final int CANVAS_AT = 4;
  private static final int LOSSY_BYTES = 10;
  private static final int LOSSLESS_BYTES = 5;
  private static final int FRAME_BYTES = 16;
  private static final int FRAME_SIZE_AT = 6;
  private static final int LOSSLESS_MARK = 0x2F;

  /** Three bytes that each key frame of VP8 has, after the three of its tag. */
  private static final int LOSSY_MARK = 0x2A019D;

  private static final int BITS_14 = 0x3FFF;

  private final ByteBuffer file;
  private boolean framed;

  private WebpChunks(byte[] file) {
    this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Fails unless every part lies in the file and every frame in the canvas.
   *
   * @param file which begins as a WebP file does
   */
  static void check(byte[] file) throws IOException {
    new WebpChunks(file).check();
  }

  private void check() throws IOException {
    long end = CHUNK_HEAD + unsigned(LENGTH_AT);
    if (end < FILE_HEAD + CHUNK_HEAD || end > file.capacity()) {
      throw new IOException("a WebP file that is cut off");
    }
    walk(FILE_HEAD, (int) end, null);
    if (!framed) {
      throw new IOException("a WebP file without an image");
    }
  }

  /**
   * Walks from one place to another.
   *
   * @param around what frames must lie in; null for the size of the first
   */
  private void walk(int from, int end, Size around) throws IOException {
    Size canvas = around;
    int at = from;
    while (at + CHUNK_HEAD <= end) {
      String name = new String(file.array(), at, 4, StandardCharsets.ISO_8859_1);
      long length = unsigned(at + LENGTH_AT);
      int content = at + CHUNK_HEAD;
      if (length > end - content) {
        throw new IOException("a part of a WebP file that is cut off");
      }
      Size size = size(name, content, (int) length);
      if (size != null) {
        if (canvas != null && !size.fits(canvas)) {
          throw new IOException("a WebP frame that is larger than its canvas");
        }
        if (name.equals("ANMF")) {
          walk(content + FRAME_BYTES, content + (int) length, size);
        } else {
          canvas = canvas == null ? size : canvas;
        }
      }
      // The last one may lack the byte that makes its length even.
      at = (int) Math.min(end, content + length + (length & 1));
    }
  }

  /** The size that a part tells; null for a part that tells none. */
  private Size size(String name, int at, int length) throws IOException {
    return switch (name) {
      case "VP8X" -> {
        require(length >= CANVAS_BYTES);
        yield new Size(1L + bits24(at + CANVAS_AT), 1L + bits24(at + CANVAS_AT + 3));
      }
      case "VP8 " -> {
        require(length >= LOSSY_BYTES && bits24(at + 3) == LOSSY_MARK);
        framed = true;
        yield new Size(bits14(at + FRAME_SIZE_AT), bits14(at + FRAME_SIZE_AT + 2));
      }
      case "VP8L" -> {
        require(length >= LOSSLESS_BYTES && file.get(at) == LOSSLESS_MARK);
        framed = true;
        int sides = file.getInt(at + 1);
        yield new Size(1L + (sides & BITS_14), 1L + ((sides >> 14) & BITS_14));
      }
      case "ANMF" -> {
        require(length >= FRAME_BYTES);
        yield new Size(1L + bits24(at + FRAME_SIZE_AT), 1L + bits24(at + FRAME_SIZE_AT + 3));
      }
      default -> null;
    };
  }

  private static void require(boolean fits) throws IOException {
    if (!fits) {
      throw new IOException("a part of a WebP file that does not fit its name");
    }
  }

  private long unsigned(int at) {
    return Integer.toUnsignedLong(file.getInt(at));
  }

  private int bits24(int at) {
    return (file.getShort(at) & 0xFFFF) | ((file.get(at + 2) & 0xFF) << 16);
  }

  private int bits14(int at) {
    return file.getShort(at) & BITS_14;
  }

  private record Size(long width, long height) {
    boolean fits(Size canvas) {
      return width <= canvas.width && height <= canvas.height;
    }
  }
}
