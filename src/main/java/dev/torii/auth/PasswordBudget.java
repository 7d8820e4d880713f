package dev.torii.auth;

import dev.torii.bus.Deadline;
import dev.torii.config.AppConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/**
 * The time that a call may take which hashes a password, from its request to its answer: what its
 * steps may take one after the other, because each of them has a limit of its own.
 *
 * <p>Nothing is stored when there may not be time left to answer: a session that nobody receives
 * would only push another one out.
 *
 * @param total from the request to the answer
 * @param storing the last part of it, from the first statement of the change
 */
record PasswordBudget(Duration total, Duration storing) {
  /** A hash takes 30 ms on a free processor, and was seen to take 200 ms on a busy one. */
  private static final Duration ONE_HASH = Duration.ofMillis(500);

  /** The sum of the steps, but no less than any other question may take. */
  static PasswordBudget of(AppConfig config) {
    Duration database = Database.longestUse(config.pg());
    // Once only: a server that did not answer in time is not asked again until it is back.
    Duration redis = config.redis().commandTimeout();
    Duration storing = database.plus(RevocationMemory.COMPLETE_FOR);
    Duration steps =
        LoginGuard.PATIENCE
            .plus(redis)
            .plus(database)
            .plus(BoundedPool.MOST_WAIT)
            .plus(ONE_HASH)
            .plus(storing);
    return new PasswordBudget(Collections.max(List.of(steps, config.bus().timeout())), storing);
  }

  /** The deadline of a call that begins now. */
  Deadline begin() {
    return Deadline.in(total);
  }

  /** By when a hash must have begun for a call with that deadline. */
  Deadline hashBy(Deadline deadline) {
    return deadline.earlier(storing.plus(ONE_HASH));
  }

  /** Whether what is stored now is answered in time, however slow the database is. */
  boolean hasTimeToStore(Deadline deadline) {
    return !deadline.earlier(storing).isOver();
  }

  /** As {@link #hasTimeToStore}; fails with BUSY when not. */
  Future<Void> requireTimeToStore(Deadline deadline) {
    return hasTimeToStore(deadline)
        ? Future.succeededFuture()
        : Future.failedFuture(Failure.of(ErrorCode.BUSY, null));
  }
}
