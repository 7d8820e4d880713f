package dev.torii.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;

/** Files that strangers send. */
class ImageDecoderTest {
  private static final ImageDecoder DECODER = new ImageDecoder(1_000_000);

  @Test
  void bombIsRefusedBeforeAPixelIsDecoded() throws IOException {
    assertThat(codeOf(png(30_000, 30_000, 8))).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(png(2_000_000_000, 2_000_000_000, 8))).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(png(1001, 1000, 8))).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(png(1000, 600, 16))).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(png(40_000, 1, 8))).isEqualTo(ErrorCode.TOO_LARGE);
  }

  @Test
  void whatIsNoImageIsUnsupported() {
    List<String> files =
        List.of("", "x", "%PDF-1.7", "<svg/>", "RIFF....WAVEfmt ", "II*\0 tiff", "\0\0\0 ftypavif");
    for (String file : files) {
      assertThat(codeOf(file.getBytes(StandardCharsets.ISO_8859_1)))
          .as(file)
          .isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
    }
  }

  @Test
  void brokenFileIsMalformedWhereverItBreaks() throws IOException {
    for (String format : List.of("png", "gif", "bmp")) {
      byte[] whole = encode(picture(BufferedImage.TYPE_3BYTE_BGR), format);
      assertThat(codeOf(Arrays.copyOf(whole, 20))).as(format).isEqualTo(ErrorCode.MALFORMED);
    }
    byte[] jpeg = encode(picture(BufferedImage.TYPE_3BYTE_BGR), "jpg");
    assertThat(codeOf(Arrays.copyOf(jpeg, 100))).isEqualTo(ErrorCode.MALFORMED);
    byte[] webp = "RIFF\0\0\0\0WEBPVP8 garbage".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(codeOf(webp)).isEqualTo(ErrorCode.MALFORMED);
  }

  @Test
  void scansWithoutEndAreRefused() throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(encode(picture(BufferedImage.TYPE_3BYTE_BGR), "jpg"));
    for (int i = 0; i < 1000; i++) {
      bytes.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xDA, 0, 8, 1, 1, 0, 0, 63, 0});
    }
    assertThat(codeOf(bytes.toByteArray())).isEqualTo(ErrorCode.MALFORMED);
  }

  @Test
  void whatTakesTooLongIsGivenUpInEveryFormat() throws IOException {
    var impatient = new ImageDecoder(25_000_000, Duration.ofMillis(20));
    var large = new BufferedImage(4000, 4000, BufferedImage.TYPE_3BYTE_BGR);
    var small = new BufferedImage(4000, 4000, BufferedImage.TYPE_BYTE_INDEXED);
    for (String format : List.of("png", "jpg", "gif", "bmp")) {
      byte[] slow = encode(format.equals("gif") ? small : large, format);
      assertThatExceptionOfType(Failure.class)
          .as(format)
          .isThrownBy(() -> impatient.hash(slow))
          .withMessage("The image takes too long to read");
    }
  }

  @Test
  void smallFileOfManyPixelsIsGivenUp() throws IOException {
    var impatient = new ImageDecoder(25_000_000, Duration.ofMillis(20));
    for (byte[] bomb : List.of(webp(5000, 5000), interlaced(5000, 5000))) {
      assertThat(bomb.length).isLessThan(400_000);
      long started = System.nanoTime();
      assertThatExceptionOfType(Failure.class)
          .isThrownBy(() -> impatient.hash(bomb))
          .withMessage("The image takes too long to read");
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(20));
    }
    assertThat(codeOf(webp(5000, 5001))).isEqualTo(ErrorCode.TOO_LARGE);
  }

  @Test
  void scansOfAProgressiveFileEndInTime() throws IOException {
    var image = new BufferedImage(4000, 4000, BufferedImage.TYPE_3BYTE_BGR);
    var bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpg").next();
    try (var output = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(output);
      ImageWriteParam progressive = writer.getDefaultWriteParam();
      progressive.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.write(null, new IIOImage(image, null, null), progressive);
    }
    writer.dispose();
    var impatient = new ImageDecoder(25_000_000, Duration.ofMillis(100));
    long started = System.nanoTime();
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> impatient.hash(bytes.toByteArray()))
        .withMessage("The image takes too long to read");
    long took = System.nanoTime() - started;
    new ImageDecoder(25_000_000).hash(bytes.toByteArray());
    assertThat(took).isLessThan((System.nanoTime() - started - took) * 2 / 3);
  }

  @Test
  void samePictureHasTheSameHashInEveryFormatWithoutLoss() throws IOException {
    BufferedImage picture = picture(BufferedImage.TYPE_3BYTE_BGR);
    PerceptualHash expected = DECODER.hash(encode(picture, "png"));
    assertThat(DECODER.hash(encode(picture, "bmp"))).isEqualTo(expected);
    assertThat(DECODER.hash(encode(picture(BufferedImage.TYPE_4BYTE_ABGR), "png")))
        .isEqualTo(expected);
    assertThat(DECODER.hash(encode(picture(BufferedImage.TYPE_BYTE_INDEXED), "gif")))
        .isEqualTo(DECODER.hash(encode(picture(BufferedImage.TYPE_BYTE_INDEXED), "png")));
    assertThat(
            DECODER
                .hash(encode(picture(BufferedImage.TYPE_USHORT_GRAY), "png"))
                .distance(DECODER.hash(encode(picture(BufferedImage.TYPE_BYTE_GRAY), "png"))))
        .isLessThan(8);
  }

  @Test
  void losslessWebpHasTheHashOfItsPng() throws IOException {
    assertThat(DECODER.hash(file("lossless.webp"))).isEqualTo(DECODER.hash(file("lossless.png")));
  }

  @Test
  void coloursOfPrintersAreUnsupported() throws IOException {
    assertThat(codeOf(file("cmyk.jpg"))).isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
  }

  @Test
  void whatCamerasAddIsLeftOut() throws IOException {
    byte[] bare = encode(picture(BufferedImage.TYPE_3BYTE_BGR), "jpg");
    byte[] exif = "Exif\0\0 with a small picture in it".getBytes(StandardCharsets.ISO_8859_1);
    byte[] profile = "ICC_PROFILE\0\1\1 of no use".getBytes(StandardCharsets.ISO_8859_1);
    byte[] dressed = with(with(bare, 0xE1, exif), 0xE2, profile);
    assertThat(JpegSegments.withoutExtras(dressed)).isEqualTo(bare);
    assertThat(DECODER.hash(dressed)).isEqualTo(DECODER.hash(bare));
  }

  private static ErrorCode codeOf(byte[] file) {
    Failure[] failure = new Failure[1];
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> DECODER.hash(file))
        .satisfies(e -> failure[0] = e);
    return failure[0].code();
  }

  private static byte[] file(String name) throws IOException {
    return Files.readAllBytes(Path.of("src/test/resources/images", name));
  }

  private static BufferedImage picture(int type) {
    var image = new BufferedImage(200, 150, type);
    Graphics2D pen = image.createGraphics();
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, 200, 150);
    pen.setColor(new Color(10, 120, 40));
    pen.fillOval(20, 30, 90, 70);
    pen.setColor(new Color(200, 60, 10));
    pen.fillRect(100, 80, 80, 40);
    pen.dispose();
    return image;
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    var bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, bytes)).isTrue();
    return bytes.toByteArray();
  }

  /** A gray PNG whose head promises more than it holds. */
  private static byte[] png(int width, int height, int bits) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes("\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1));
    var head = new ByteArrayOutputStream();
    var data = new DataOutputStream(head);
    data.writeInt(width);
    data.writeInt(height);
    data.write(new byte[] {(byte) bits, 0, 0, 0, 0});
    chunk(bytes, "IHDR", head.toByteArray());
    var zeros = new ByteArrayOutputStream();
    try (var deflater = new DeflaterOutputStream(zeros)) {
      deflater.write(new byte[100_000]);
    }
    chunk(bytes, "IDAT", zeros.toByteArray());
    chunk(bytes, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  /** A black image whose every pixel takes no bit at all, as lossless WebP allows. */
  private static byte[] webp(int width, int height) {
    long head = 0x2F | (width - 1L) << 8 | (height - 1L) << 22;
    var data = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    // No transform, no cache of colours, one group of five codes, each of the one symbol 0.
    data.put((byte) head).putInt((int) (head >> 8)).putInt(0b0001_0001_0001_0001_0001_000);
    var file = ByteBuffer.allocate(20 + data.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(12 + data.capacity());
    file.put("WEBPVP8L".getBytes(StandardCharsets.US_ASCII)).putInt(data.capacity());
    return file.put(data.array()).array();
  }

  /** A PNG that is read in seven passes. */
  private static byte[] interlaced(int width, int height) throws IOException {
    var bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    try (var output = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(output);
      ImageWriteParam passes = writer.getDefaultWriteParam();
      passes.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      var image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
      writer.write(null, new IIOImage(image, null, null), passes);
    }
    writer.dispose();
    return bytes.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream into, String type, byte[] content)
      throws IOException {
    var data = new DataOutputStream(into);
    data.writeInt(content.length);
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    data.write(name);
    data.write(content);
    var crc = new CRC32();
    crc.update(name);
    crc.update(content);
    data.writeInt((int) crc.getValue());
  }

  private static byte[] with(byte[] jpeg, int marker, byte[] content) {
    var bytes = new ByteArrayOutputStream();
    bytes.write(jpeg, 0, 2);
    bytes.write(0xFF);
    bytes.write(marker);
    bytes.write((content.length + 2) >> 8);
    bytes.write(content.length + 2);
    bytes.writeBytes(content);
    bytes.write(jpeg, 2, jpeg.length - 2);
    return bytes.toByteArray();
  }
}
