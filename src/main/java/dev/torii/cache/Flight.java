package dev.torii.cache;

import dev.torii.config.CacheConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * One reader's way through a load, with two deadlines: after the soft one, or when the source is
 * away, the stale copy is the answer if there is one; after the hard one there is none. The load
 * itself goes on and is stored. Each reader asks for the stale copy itself, because a write drops
 * it.
 */
final class Flight {
  private final Vertx vertx;
  private final CacheConfig deadlines;
  private final Supplier<Future<Entry>> staleCopy;
  private final Promise<Loaded> answer = Promise.promise();

  Flight(Vertx vertx, CacheConfig deadlines, Supplier<Future<Entry>> staleCopy) {
    this.vertx = vertx;
    this.deadlines = deadlines;
    this.staleCopy = staleCopy;
  }

  /** Gives the answer; completes or fails no later than after the hard deadline. */
  Future<Loaded> answer() {
    return answer.future();
  }

  /**
   * Takes the load along.
   *
   * @param waited how much of the soft deadline has passed for others before
   */
  Flight carrying(Future<Loaded> load, Duration waited) {
    long patience = Math.max(1, deadlines.loadSoft().minus(waited).toMillis());
    long soft = vertx.setTimer(patience, timer -> answerStale());
    long hard =
        vertx.setTimer(
            deadlines.loadHard().toMillis(),
            timer ->
                answer.tryFail(
                    Failure.of(ErrorCode.TIMEOUT, "The database did not answer in time")));
    load.onComplete(
        ended -> {
          vertx.cancelTimer(soft);
          if (ended.succeeded()) {
            answer.tryComplete(ended.result());
          } else if (isAway(ended.cause())) {
            answerStale().onComplete(asked -> answer.tryFail(ended.cause()));
          } else {
            answer.tryFail(ended.cause());
          }
        });
    answer.future().onComplete(given -> vertx.cancelTimer(hard));
    return this;
  }

  private Future<Entry> answerStale() {
    return staleCopy
        .get()
        .onSuccess(
            copy -> {
              if (copy != null) {
                answer.tryComplete(copy.loaded(true));
              }
            });
  }

  /** Whether the source could not be asked; what it refuses must not be hidden by an old copy. */
  private static boolean isAway(Throwable t) {
    return t instanceof Failure failure
        && (failure.code() == ErrorCode.UNAVAILABLE || failure.code() == ErrorCode.TIMEOUT);
  }
}
