package dev.torii.realtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/** Runs a few readings at a time; the others wait in line, up to a bound. */
final class ReadingLine {
  private final int atOnce;
  private final int mostWaiting;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int running;

  ReadingLine(int atOnce, int mostWaiting) {
    this.atOnce = atOnce;
    this.mostWaiting = mostWaiting;
  }

  /** What a reading gives that begins after this call; null without one when too many wait. */
  <T> Future<T> read(Supplier<Future<T>> reading) {
    if (running < atOnce) {
      return start(reading);
    }
    if (waiting.size() >= mostWaiting) {
      return Future.succeededFuture();
    }
    Promise<T> read = Promise.promise();
    waiting.add(() -> start(reading).onComplete(read));
    return read.future();
  }

  private <T> Future<T> start(Supplier<Future<T>> reading) {
    running++;
    return Future.succeededFuture()
        .compose(turn -> reading.get())
        .onComplete(
            read -> {
              running--;
              if (!waiting.isEmpty()) {
                waiting.poll().run();
              }
            });
  }
}
