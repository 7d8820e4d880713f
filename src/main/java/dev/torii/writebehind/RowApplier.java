package dev.torii.writebehind;

import dev.torii.postgres.Database;
import dev.torii.writebehind.WriteApplier.Refused;
import io.vertx.core.Future;
import java.time.Duration;

/** Applies what was accepted the durable way, and counts what waits there. */
final class RowApplier {
  private static final long COUNT_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private final WriteBehind shared;
  private final Database database;
  private final WriteApplier applier;
  private int most;
  private long countedNanos = System.nanoTime() - COUNT_EVERY_NANOS;

  RowApplier(WriteBehind shared, Database database, WriteApplier applier) {
    this.shared = shared;
    this.database = database;
    this.applier = applier;
    this.most = shared.config().batch();
  }

  /**
   * Takes one batch and applies it. While one of its rows is refused, smaller batches are taken,
   * until the bad row is alone.
   *
   * @return how many rows were finished
   */
  Future<Integer> step() {
    return applier
        .applyRows(most)
        .onSuccess(taken -> most = Math.min(shared.config().batch(), most * 2))
        .recover(this::narrow)
        .compose(finished -> count().map(finished));
  }

  private Future<Integer> narrow(Throwable t) {
    if (!(t instanceof Refused refused)) {
      return Future.failedFuture(t);
    }
    if (refused.rows().size() == 1) {
      return applier.refuseRow(refused.rows().get(0), refused.reason()).map(1);
    }
    most = Math.max(1, refused.rows().size() / 2);
    return step();
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
