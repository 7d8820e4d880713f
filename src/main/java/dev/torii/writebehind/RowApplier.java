package dev.torii.writebehind;

import dev.torii.postgres.Database;
import dev.torii.writebehind.WriteApplier.Refused;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies what was accepted the durable way, each kind for itself so that one which cannot be
 * applied does not stop the others, and counts what waits there.
 */
final class RowApplier {
  private static final long COUNT_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private final WriteBehind shared;
  private final Database database;
  private final WriteApplier applier;

  /** Rows to take of a kind, where that is less than a batch. */
  private final Map<String, Integer> narrowed = new HashMap<>();

  private long countedNanos = System.nanoTime() - COUNT_EVERY_NANOS;

  RowApplier(WriteBehind shared, Database database, WriteApplier applier) {
    this.shared = shared;
    this.database = database;
    this.applier = applier;
  }

  /**
   * Takes one batch of each kind and applies it.
   *
   * @return how many rows were finished; fails when none was and a kind could not be applied
   */
  Future<Integer> step() {
    List<Future<Integer>> kinds = shared.kinds().stream().map(this::step).toList();
    return Future.join(kinds)
        .transform(
            outcome -> {
              int finished =
                  kinds.stream().filter(Future::succeeded).mapToInt(Future::result).sum();
              return finished > 0 || outcome.succeeded()
                  ? Future.succeededFuture(finished)
                  : Future.failedFuture(outcome.cause());
            })
        .eventually(() -> count().otherwiseEmpty());
  }

  /** While a row of a kind is refused, smaller batches are taken, until the bad row is alone. */
  private Future<Integer> step(String kind) {
    int most = narrowed.getOrDefault(kind, shared.config().batch());
    return applier
        .applyRows(kind, most)
        .onSuccess(taken -> narrowed.put(kind, Math.min(shared.config().batch(), most * 2)))
        .recover(t -> narrow(kind, t));
  }

  private Future<Integer> narrow(String kind, Throwable t) {
    if (!(t instanceof Refused refused)) {
      return Future.failedFuture(t);
    }
    if (refused.rows().size() == 1) {
      return applier.refuseRow(refused.rows().get(0), refused.reason()).map(1);
    }
    narrowed.put(kind, Math.max(1, refused.rows().size() / 2));
    return step(kind);
  }

  private Future<Void> count() {
    long now = System.nanoTime();
    if (now - countedNanos < COUNT_EVERY_NANOS) {
      return Future.succeededFuture();
    }
    countedNanos = now;
    return database
        .run(PendingWriteRepository::waiting)
        .onSuccess(
            waiting -> {
              shared.waitingRows(waiting.count());
              shared.metrics().rows(waiting.count(), waiting.lagMillis());
            })
        .mapEmpty();
  }
}
