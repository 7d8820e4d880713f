package dev.torii.images;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;

/** WebP files that promise less than they cost, and files of which a part is missing. */
class ImageBombTest {
  private static final ImageDecoder DECODER = new ImageDecoder(25_000_000);
  private static final String LATE = "The image takes too long to read";

  @Test
  void webpFrameLargerThanItsCanvasIsRefused() {
    byte[] canvas = {0x10, 0, 0, 0, 99, 0, 0, 99, 0, 0};
    byte[] vp8x = chunk("VP8X", canvas);
    byte[] lossy = chunk("VP8 ", join(lossyHead(16_383, 16_383), new byte[50]));
    long started = System.nanoTime();
    assertBroken(webp(vp8x, lossy));
    assertBroken(webp(vp8x, chunk("VP8L", losslessHead(4000, 4000))));
    assertBroken(webp(vp8x, chunk("VP8L", losslessHead(101, 100))));
    byte[] place = {0, 0, 0, 0, 0, 0, 99, 0, 0, 99, 0, 0, 0, 0, 0, 0};
    assertBroken(webp(vp8x, chunk("ANMF", join(place, lossy))));
    place[7] = 1;
    assertBroken(webp(vp8x, chunk("ANMF", place)));
    assertBroken(webp(vp8x));
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
  }

  /** The lengths of these are wrong too. */
  @Test
  void webpFilesThatHeldUpAProcessAreRefused() {
    ByteBuffer lossy = ByteBuffer.allocate(98).order(ByteOrder.LITTLE_ENDIAN);
    lossy.put("RIFF".getBytes(US_ASCII)).putInt(30).put("WEBPVP8X".getBytes(US_ASCII)).putInt(10);
    lossy.put(new byte[] {0x10, 0, 0, 0, 99, 0, 0, 99, 0, 0}).put("VP8 ".getBytes(US_ASCII));
    lossy.putInt(10).put(lossyHead(16_383, 16_383));
    assertBroken(lossy.array());
    ByteBuffer lossless = ByteBuffer.allocate(65).order(ByteOrder.LITTLE_ENDIAN);
    lossless.put("RIFF".getBytes(US_ASCII)).putInt(30).put("WEBPVP8L".getBytes(US_ASCII));
    lossless.putInt(20).put((byte) 0x2F).putInt(4999 | (4998 << 14));
    assertBroken(lossless.array());
  }

  @Test
  void webpIsEndedInTimeAlsoWhenItNeedsNoInput() {
    // Each pixel takes no bit: no transform, no cache of colours, five codes of one symbol.
    byte[] codes = {(byte) 0x88, (byte) 0x88, 8, 0};
    byte[] lossless = webp(chunk("VP8L", join(losslessHead(5000, 5000), codes, new byte[23])));
    byte[] lossy = webp(chunk("VP8 ", join(lossyHead(3000, 3000), new byte[300_000])));
    var patient = new ImageDecoder(25_000_000, Duration.ofMinutes(1));
    patient.hash(lossless);
    for (byte[] slow : new byte[][] {lossless, lossy}) {
      long started = System.nanoTime();
      codeOf(patient, slow);
      long whole = System.nanoTime() - started;
      var impatient = new ImageDecoder(25_000_000, Duration.ofMillis(50));
      started = System.nanoTime();
      assertThatExceptionOfType(Failure.class)
          .isThrownBy(() -> impatient.hash(slow))
          .withMessage(LATE);
      assertThat(System.nanoTime() - started).isLessThan(whole * 2 / 3);
    }
  }

  @Test
  void cutFileIsRefusedInEveryFormat() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String format : new String[] {"png", "gif", "bmp", "jpg"}) {
      files.put(format, encode(format, false));
    }
    files.put("progressive", encode("jpg", true));
    files.put("webp", Files.readAllBytes(Path.of("src/test/resources/images/lossless.webp")));
    for (String name : new String[] {"s00-q40.jpg", "s03-q90.jpg", "s01.png"}) {
      files.put(name, Files.readAllBytes(ImageBed.file(name)));
    }
    files.forEach(
        (name, file) -> {
          assertThat(codeOf(DECODER, file)).as(name).isNull();
          for (int percent = 10; percent < 100; percent += 10) {
            byte[] cut = Arrays.copyOf(file, file.length * percent / 100);
            assertThat(codeOf(DECODER, cut))
                .as(name + " at " + percent)
                .isEqualTo(ErrorCode.MALFORMED);
          }
        });
    byte[] jpeg = files.get("jpg");
    assertBroken(Arrays.copyOf(jpeg, jpeg.length - 2));
  }

  @Test
  void whatFollowsAnImageOrEndsItsFileMayBeMissing() throws IOException {
    byte[] jpeg = encode("jpg", false);
    assertThat(DECODER.hash(join(jpeg, new byte[5000]))).isEqualTo(DECODER.hash(jpeg));
    byte[] png = encode("png", false);
    byte[] withoutEnd = Arrays.copyOf(png, png.length - 12);
    assertThat(DECODER.hash(withoutEnd)).isEqualTo(DECODER.hash(png));
    byte[] gif = encode("gif", false);
    assertThat(DECODER.hash(Arrays.copyOf(gif, gif.length - 1))).isEqualTo(DECODER.hash(gif));
    byte[] webp = Files.readAllBytes(Path.of("src/test/resources/images/lossless.webp"));
    assertThat(DECODER.hash(join(webp, new byte[3]))).isEqualTo(DECODER.hash(webp));
  }

  private static void assertBroken(byte[] file) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> DECODER.hash(file))
        .withMessage("The image cannot be read: the file is broken");
  }

  /** Null for a file that is read. */
  private static ErrorCode codeOf(ImageDecoder decoder, byte[] file) {
    try {
      decoder.hash(file);
      return null;
    } catch (Failure e) {
      return e.code();
    }
  }

  private static byte[] lossyHead(int width, int height) {
    return ByteBuffer.allocate(10)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {0x10, 0, 0, (byte) 0x9D, 1, 0x2A})
        .putShort((short) width)
        .putShort((short) height)
        .array();
  }

  private static byte[] losslessHead(int width, int height) {
    return ByteBuffer.allocate(5)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0x2F)
        .putInt((width - 1) | ((height - 1) << 14))
        .array();
  }

  private static byte[] webp(byte[]... chunks) {
    byte[] content = join(chunks);
    byte[] length = little(4 + content.length);
    return join("RIFF".getBytes(US_ASCII), length, "WEBP".getBytes(US_ASCII), content);
  }

  private static byte[] chunk(String name, byte[] content) {
    byte[] even = Arrays.copyOf(content, content.length + content.length % 2);
    return join(name.getBytes(US_ASCII), little(content.length), even);
  }

  private static byte[] little(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  private static byte[] join(byte[]... parts) {
    var bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }

  private static byte[] encode(String format, boolean progressive) throws IOException {
    var image = new BufferedImage(300, 200, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D pen = image.createGraphics();
    for (int i = 0; i < 200; i++) {
      pen.setColor(new Color((i * 7919) & 0xFFFFFF));
      pen.fillOval(i * 37 % 280, i * 53 % 190, 40, 20);
    }
    pen.dispose();
    var bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    try (var output = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(output);
      ImageWriteParam how = writer.getDefaultWriteParam();
      if (progressive) {
        how.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      writer.write(null, new IIOImage(image, null, null), how);
    }
    writer.dispose();
    return bytes.toByteArray();
  }
}
