package dev.torii.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.ConfigBinder;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImageHasher.Image;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many images are looked at, and how many wait for that. */
class ImageHasherTest {
  private static final int BUSY_FROM = 33;

  private final Vertx vertx = Vertx.vertx();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  @TempDir private Path directory;

  @AfterEach
  void stop() {
    vertx.close();
  }

  @Test
  void whoFindsTooManyWaitingIsToldToComeAgain() throws Exception {
    var config = ConfigBinder.of(Map.of("images.decodeThreads", "1")).images();
    var hasher = new ImageHasher(vertx, config, registry);
    Path slow = pipe();
    List<Future<Image>> asked = new ArrayList<>();
    asked.add(hasher.hash(slow));
    for (int i = 1; i < BUSY_FROM; i++) {
      asked.add(hasher.hash(ImageBed.file("s00.png")));
    }
    Failure busy = Failure.from(hasher.hash(ImageBed.file("s00.png")).cause());
    assertThat(busy.code()).isEqualTo(ErrorCode.BUSY);
    assertThat(busy.retryAfter()).contains(Duration.ofSeconds(1));
    assertThat(asked).noneMatch(Future::isComplete);

    Files.write(slow, "no image".getBytes(StandardCharsets.US_ASCII));
    Future.join(asked).otherwiseEmpty().await(20, TimeUnit.SECONDS);
    assertThat(codeOf(asked.get(0))).isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
    assertThat(asked.subList(1, BUSY_FROM)).allMatch(Future::succeeded);
    hasher.hash(ImageBed.file("s01.png")).await(20, TimeUnit.SECONDS);
    assertThat(registry.get("torii.images.hash.duration").timer().count()).isEqualTo(BUSY_FROM + 1);
  }

  @Test
  void stopWaitsForNoDecoder() throws Exception {
    var config = ConfigBinder.of(Map.of("images.decodeThreads", "1")).images();
    var hasher = new ImageHasher(vertx, config, registry);
    Path stuck = pipe();
    Future<Image> asked = hasher.hash(stuck);
    List<Thread> threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("torii-images"))
            .toList();
    assertThat(threads).isNotEmpty().allMatch(Thread::isDaemon);
    hasher.close();
    assertThat(asked.isComplete()).isFalse();
    assertThat(codeOf(hasher.hash(stuck))).isEqualTo(ErrorCode.UNAVAILABLE);
    Files.write(stuck, new byte[1]);
  }

  private static ErrorCode codeOf(Future<Image> failed) {
    return Failure.from(failed.cause()).code();
  }

  /** A file whose reader waits until something is written. */
  private Path pipe() throws IOException, InterruptedException {
    Path pipe = directory.resolve("slow");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    return pipe;
  }
}
