package dev.torii.images;

import dev.torii.config.ImagesConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImageDecoder.Format;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Hashes files on threads of its own, so that no event loop waits for a decoder. */
final class ImageHasher {
  /** Files that wait for each thread; they lie on disk. */
  private static final int WAITING_FOR_EACH = 32;

  private final Timer time;
  private final Vertx vertx;
  private final ExecutorService threads;
  private final ImageDecoder decoder;
  private final int most;
  private final AtomicInteger underWay = new AtomicInteger();

  ImageHasher(Vertx vertx, ImagesConfig config, MeterRegistry registry) {
    time =
        Timer.builder("torii.images.hash.duration")
            .description("Time to decode and hash one image, without the wait for a thread")
            .register(registry);
    this.vertx = vertx;
    threads = Executors.newFixedThreadPool(config.decodeThreads(), ImageHasher::thread);
    decoder = new ImageDecoder(config.maxPixels());
    most = config.decodeThreads() * (1 + WAITING_FOR_EACH);
  }

  /** The hash of a file; fails as {@link ImageDecoder#hash} does, or with BUSY. */
  Future<Image> hash(Path file) {
    if (underWay.incrementAndGet() > most) {
      underWay.decrementAndGet();
      return Future.failedFuture(
          Failure.of(ErrorCode.BUSY, "Too many images are looked at; try again soon"));
    }
    Promise<Image> hashed = ((ContextInternal) vertx.getOrCreateContext()).promise();
    try {
      threads.execute(() -> complete(hashed, file));
    } catch (RejectedExecutionException e) {
      underWay.decrementAndGet();
      hashed.fail(Failure.of(ErrorCode.UNAVAILABLE, "The server is stopping", e));
    }
    return hashed.future();
  }

  /** Begins no other file and waits for none: a decoder does not hold up the end of the process. */
  void close() {
    threads.shutdownNow();
  }

  private void complete(Promise<Image> hashed, Path file) {
    try {
      hashed.complete(decode(file));
    } catch (Throwable t) {
      hashed.fail(t);
    } finally {
      underWay.decrementAndGet();
    }
  }

  private static Thread thread(Runnable work) {
    var thread = new Thread(work, "torii-images");
    thread.setDaemon(true);
    return thread;
  }

  private Image decode(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return new Image(time.record(() -> decoder.hash(bytes)), Format.of(bytes));
  }

  /** What is known of a file. */
  record Image(PerceptualHash hash, Format format) {}
}
