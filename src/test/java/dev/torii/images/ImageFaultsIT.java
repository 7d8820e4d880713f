package dev.torii.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImagesApi.Answer;
import dev.torii.jobs.FatalJobException;
import dev.torii.jobs.JobState;
import dev.torii.testing.FakeAnalyser;
import dev.torii.testing.FakeAnalyser.Reply;
import io.vertx.core.json.JsonObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images when something around them fails, is large, or comes from elsewhere. */
class ImageFaultsIT {
  private final FakeAnalyser fake = FakeAnalyser.start();
  private ImageBed bed;
  @TempDir private Path directory;

  @BeforeEach
  void start() throws Exception {
    bed = new ImageBed(Map.of("images.url", fake.url()));
  }

  @AfterEach
  void stop() {
    bed.close();
    fake.close();
  }

  @Test
  void largeImageGoesThroughInPieces() throws Exception {
    Path file = noise();
    Answer begun = ImageBed.await(bed.ask(file));
    bed.sql("DELETE FROM image_upload WHERE (SELECT count(*) FROM image_piece) < 12");
    bed.run(begun.jobId());
    assertThat(fake.calls().get(0).image()).isEqualTo(dataUri(file));
    assertThat(bed.kept()).isEmpty();
  }

  @Test
  void imageOfAnEarlierVersionIsReadToo() throws Exception {
    Path file = noise();
    UUID job = ImageBed.await(bed.ask(file)).jobId();
    bed.sql(
        "UPDATE image_upload SET size = NULL, content ="
            + " (SELECT string_agg(bytes, ''::bytea ORDER BY n) FROM image_piece)");
    bed.sql("DELETE FROM image_piece");
    bed.run(job);
    assertThat(fake.calls().get(0).image()).isEqualTo(dataUri(file));
  }

  @Test
  void imageThatIsNotWholeIsNotPaidFor() throws Exception {
    UUID job = ImageBed.await(bed.ask(noise())).jobId();
    bed.sql("DELETE FROM image_piece WHERE n = 3");
    assertThatThrownBy(() -> bed.run(job))
        .isInstanceOf(FatalJobException.class)
        .hasMessage("The image is gone; send it again");
    assertThat(bed.counted("calls")).isZero();
  }

  @Test
  void refusedJobLeavesNoImage() {
    for (ErrorCode code : new ErrorCode[] {ErrorCode.BUSY, ErrorCode.INVALID}) {
      bed.refusal = Failure.of(code, "Not now");
      assertThat(codeOf(() -> bed.analyze("s00.png"))).isEqualTo(code);
      assertThat(bed.kept()).isEmpty();
    }
  }

  @Test
  void jobThatMayBeThereAllTheSameKeepsItsImage() throws Exception {
    bed.answerLost = true;
    bed.refusal = Failure.of(ErrorCode.TIMEOUT, "The database did not answer in time");
    assertThat(codeOf(() -> bed.analyze("s00.png"))).isEqualTo(ErrorCode.TIMEOUT);
    bed.refusal = null;
    UUID job = bed.analyze("s00.png").jobId();
    assertThat(bed.jobs).hasSize(1).containsKey(job);
    assertThat(bed.run(job).getString("waste_type")).isEqualTo("plastic");
  }

  @Test
  void imageWithoutAJobAndFailedOnesHideNoneThatRuns() throws Exception {
    Answer begun = bed.analyze("s00.png");
    upload(begun.phash(), JobState.DEAD);
    upload(begun.phash(), null);
    assertThat(bed.get(begun.phash()).jobId()).isEqualTo(begun.jobId());
    bed.states.put(begun.jobId(), JobState.DEAD);
    assertThatThrownBy(() -> bed.get(begun.phash()))
        .hasMessage("The analysis has failed; send the image again");
    bed.states.keySet().removeAll(bed.kept());
    assertThatThrownBy(() -> bed.get(begun.phash()))
        .hasMessage("Nothing is known of an image with this hash");
  }

  @Test
  void compressedEntryOfAnotherServiceIsRead() throws Exception {
    String key = "cache:image:hash:" + bed.analyze("s00.png").phash();
    JsonObject stored = FakeAnalyser.analysis("wood").put("analyzed_at", "2025-09-30T10:00:00Z");
    store("gz:" + key, gzip(stored));
    assertThat(bed.analyze("s00.png").analysis().toJsonObject()).isEqualTo(stored);
    store(key, gzip(stored.copy().put("waste_type", "metal")));
    assertThat(bed.analyze("s00.png").analysis().toJsonObject().getString("waste_type"))
        .isEqualTo("metal");
    store(key, new byte[] {0x1f, (byte) 0x8b, 8, 0, 1, 2, 3});
    assertThat(bed.analyze("s00.png").jobId()).isNotNull();
  }

  /** Each run of the bed asks by an analyser of its own, as another process does. */
  @Test
  void otherProcessesWaitForAsLongAsTheAnalyserHasAskedOne() throws Exception {
    UUID first = bed.analyze("s00.png").jobId();
    UUID second = bed.analyze("s01.png").jobId();
    fake.behave(call -> new Reply(429, "", "2"));
    assertThatThrownBy(() -> bed.run(first)).hasMessage("The analyser answered 429");
    fake.behave(call -> FakeAnalyser.said("paper"));
    long started = System.nanoTime();
    bed.run(second);
    assertThat(Duration.ofNanos(System.nanoTime() - started))
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
  }

  private void upload(String phash, JobState state) {
    UUID job = UUID.randomUUID();
    bed.sql(
        "INSERT INTO image_upload (job_id, phash, media_type, size) VALUES ('%s', '%s', 'x', 1)"
            .formatted(job, phash));
    if (state != null) {
      bed.states.put(job, state);
    }
  }

  private void store(String key, byte[] value) throws IOException {
    StringBuilder octets = new StringBuilder();
    for (byte octet : value) {
      octets.append("\\%03d".formatted(octet & 0xFF));
    }
    bed.redis("EVAL", "return redis.call('SET', KEYS[1], '" + octets + "')", "1", key);
  }

  private static byte[] gzip(JsonObject json) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(json.encode().getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  /** An image of 3 MB. */
  private Path noise() throws IOException {
    var image = new BufferedImage(1000, 1000, BufferedImage.TYPE_3BYTE_BGR);
    var random = new Random(11);
    for (int i = 0; i < 1_000_000; i++) {
      image.setRGB(i % 1000, i / 1000, random.nextInt());
    }
    Path file = directory.resolve("noise.bmp");
    ImageIO.write(image, "bmp", file.toFile());
    return file;
  }

  private static String dataUri(Path file) throws IOException {
    return "data:image/bmp;base64," + Base64.getEncoder().encodeToString(Files.readAllBytes(file));
  }

  private static ErrorCode codeOf(Runnable asking) {
    Failure[] failure = new Failure[1];
    assertThatExceptionOfType(Failure.class).isThrownBy(asking::run).satisfies(e -> failure[0] = e);
    return failure[0].code();
  }
}
