package dev.torii.images;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/** Lets a few pieces of work run at once and the others wait, not many and not long. */
final class Turns {
  private final Vertx vertx;
  private final int atOnce;
  private final int mostWaiting;
  private final Duration patience;
  private final Deque<Promise<Void>> waiting = new ArrayDeque<>();
  private int running;

  /**
   * Turns of one context, on which alone they are used.
   *
   * @param patience longest wait for a turn, 1 ms or more
   */
  Turns(Vertx vertx, int atOnce, int mostWaiting, Duration patience) {
    this.vertx = vertx;
    this.atOnce = atOnce;
    this.mostWaiting = mostWaiting;
    this.patience = patience;
  }

  /** Does {@code work} when it is its turn; fails with BUSY when that does not come soon. */
  <T> Future<T> take(Supplier<Future<T>> work) {
    return turn()
        .compose(
            turn -> Future.succeededFuture().compose(v -> work.get()).onComplete(done -> pass()));
  }

  private Future<Void> turn() {
    if (running < atOnce) {
      running++;
      return Future.succeededFuture();
    }
    if (waiting.size() >= mostWaiting) {
      return Future.failedFuture(busy());
    }
    Promise<Void> mine = Promise.promise();
    waiting.add(mine);
    long timer = vertx.setTimer(patience.toMillis(), late -> giveUp(mine));
    return mine.future().onComplete(turn -> vertx.cancelTimer(timer));
  }

  private void giveUp(Promise<Void> late) {
    if (waiting.remove(late)) {
      late.fail(busy());
    }
  }

  private void pass() {
    Promise<Void> next = waiting.poll();
    if (next == null) {
      running--;
    } else {
      next.complete();
    }
  }

  private static Failure busy() {
    return Failure.of(ErrorCode.BUSY, "Too many new images at once; try again soon");
  }
}
