package dev.torii.images;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;

/**
 * Makes pixels of a file that a stranger has sent; the calling thread works as long as it takes.
 *
 * <p>What a file is, is told by its first bytes. How large it is, is read before a pixel is: the
 * memory of all images that are decoded at the same time is bounded, a large one waits for others.
 */
final class ImageDecoder {
  /** Sides of an image, in pixels. */
  private static final int LONGEST_SIDE = 30_000;

  /** Progressive files have about ten; each costs as much as the image has pixels. */
  private static final int MOST_SCANS = 20;

  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** A sample of more than 8 bits takes the place of two. */
  private static final int USUAL_BITS = 8;

  /** The decoder of lossy WebP keeps whole objects for each few pixels. */
  private static final int WEBP_ROOM = 8;

  private final int maxPixels;
  private final Semaphore pixels;
  private final Duration longest;

  /**
   * @param maxPixels of one image, and of all that are decoded at once
   */
  ImageDecoder(int maxPixels) {
    this(maxPixels, LONGEST);
  }

  /**
   * @param longest time for one image, without the wait for others
   */
  ImageDecoder(int maxPixels, Duration longest) {
    this.maxPixels = maxPixels;
    this.longest = longest;
    this.pixels = new Semaphore(maxPixels, true);
  }

  /**
   * The hash of an image file.
   *
   * @throws Failure UNSUPPORTED_MEDIA_TYPE for what is no image, TOO_LARGE for too many pixels or
   *     what takes too long, MALFORMED for a broken file
   */
  PerceptualHash hash(byte[] file) {
    Format format = Format.of(file);
    ImageReader reader = format.reader();
    var head = new DecodeWatch(longest);
    byte[] needed = format == Format.JPEG ? stripped(file) : file;
    try (var input = head.input(needed)) {
      if (format == Format.WEBP) {
        WebpChunks.check(needed);
      }
      // Without metadata: they are not needed, and they are where bombs hide.
      reader.setInput(input, true, true);
      int size = pixels(reader, reader.getWidth(0), reader.getHeight(0));
      if (format == Format.WEBP) {
        size = (int) Math.min(maxPixels, (long) size * WEBP_ROOM);
      }
      pixels.acquireUninterruptibly(size);
      try {
        return decode(format, reader, needed);
      } finally {
        pixels.release(size);
      }
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw e instanceof Failure failure ? failure : broken(e);
    } catch (OutOfMemoryError e) {
      throw Failure.of(ErrorCode.TOO_LARGE, "There is no room for this image", e);
    } finally {
      reader.dispose();
    }
  }

  private PerceptualHash decode(Format format, ImageReader reader, byte[] file) throws IOException {
    var watch = new DecodeWatch(longest);
    reader.addIIOReadProgressListener(watch);
    try (var input = watch.input(file)) {
      reader.setInput(input, true, true);
      ImageReadParam how = null;
      if (format == Format.WEBP) {
        how = reader.getDefaultReadParam();
        // It takes no notice of being told to stop.
        how.setDestination(
            WatchedRaster.image(
                reader.getImageTypes(0).next(), reader.getWidth(0), reader.getHeight(0), watch));
      }
      BufferedImage image = reader.read(0, how);
      watch.check();
      if (format == Format.JPEG && input.hasRunOut()) {
        // The decoder of the JDK makes the rest gray; Pillow refuses the file.
        throw new EOFException("a JPEG file that is cut off");
      }
      int colours = image.getColorModel().getColorSpace().getType();
      if (colours != ColorSpace.TYPE_RGB && colours != ColorSpace.TYPE_GRAY) {
        throw otherColours(null);
      }
      return PerceptualHash.of(Luminance.of(image));
    }
  }

  private int pixels(ImageReader reader, int width, int height) throws IOException {
    long count = (long) width * height;
    if (count < 1) {
      throw new IOException("an image without pixels");
    }
    var type = reader.getRawImageType(0);
    boolean wide = type != null && type.getBitsPerBand(0) > USUAL_BITS;
    long needed = wide ? 2 * count : count;
    if (width > LONGEST_SIDE || height > LONGEST_SIDE || needed > maxPixels) {
      throw Failure.of(
          ErrorCode.TOO_LARGE,
          "The image has "
              + width
              + " x "
              + height
              + " pixels; at most "
              + maxPixels
              + " are read");
    }
    return (int) needed;
  }

  private static byte[] stripped(byte[] file) {
    byte[] needed = JpegSegments.withoutExtras(file);
    if (JpegSegments.scans(needed) > MOST_SCANS) {
      throw Failure.of(ErrorCode.MALFORMED, "The image cannot be read: too many scans");
    }
    return needed;
  }

  private static Failure broken(Throwable cause) {
    boolean colours =
        cause instanceof IOException && "Unsupported Image Type".equals(cause.getMessage());
    return colours
        ? otherColours(cause)
        : Failure.of(ErrorCode.MALFORMED, "The image cannot be read: the file is broken", cause);
  }

  private static Failure otherColours(Throwable cause) {
    return Failure.of(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Send an image in RGB or gray, not in CMYK", cause);
  }

  /** What is read, by what the files begin with. */
  enum Format {
    PNG("image/png", "\u0089PNG\r\n\u001a\n"),
    JPEG("image/jpeg", "\u00ff\u00d8\u00ff"),
    GIF("image/gif", "GIF8"),
    BMP("image/bmp", "BM"),
    WEBP("image/webp", "RIFF");

    private static final String WEBP_NAME = "WEBP";
    private static final int WEBP_NAME_AT = 8;

    private final String mediaType;
    private final String beginning;

    Format(String mediaType, String beginning) {
      this.mediaType = mediaType;
      this.beginning = beginning;
    }

    String mediaType() {
      return mediaType;
    }

    /** The format of a file; fails with UNSUPPORTED_MEDIA_TYPE. */
    static Format of(byte[] file) {
      int length = Math.min(file.length, WEBP_NAME_AT + WEBP_NAME.length());
      String head = new String(file, 0, length, StandardCharsets.ISO_8859_1);
      for (Format format : values()) {
        if (head.startsWith(format.beginning)
            && (format != WEBP || head.startsWith(WEBP_NAME, WEBP_NAME_AT))) {
          return format;
        }
      }
      throw Failure.of(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Send an image as PNG, JPEG, WebP, GIF or BMP");
    }

    private ImageReader reader() {
      return this == WEBP
          ? new WebPImageReaderSpi().createReaderInstance(null)
          : ImageIO.getImageReadersByFormatName(name()).next();
    }
  }
}
