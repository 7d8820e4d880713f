package dev.torii.auth;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Waits out the second in which all tokens of a user were revoked. A token says no more of its
 * issue than the second, so what is issued in that one would be revoked at once.
 */
final class RevokedSecond {
  /** Longest wait; it takes longer only when the clock of another process is ahead. */
  private static final Duration PATIENCE = Duration.ofMillis(1_200);

  private final Vertx vertx;
  private final Clock clock;

  RevokedSecond(Vertx vertx, Clock clock) {
    this.vertx = vertx;
    this.clock = clock;
  }

  /**
   * Whether a token issued then is revoked from the start.
   *
   * @param notBefore null when nothing was revoked
   */
  static boolean holds(Instant issuedAt, Instant notBefore) {
    return notBefore != null && issuedAt.getEpochSecond() <= notBefore.getEpochSecond();
  }

  /** Completes when the second is over; UNAVAILABLE when that is too far away. */
  Future<Void> isOver(Instant notBefore) {
    long waitMillis = (notBefore.getEpochSecond() + 1) * 1_000 - clock.millis();
    if (waitMillis <= 0) {
      return Future.succeededFuture();
    }
    return waitMillis > PATIENCE.toMillis()
        ? Future.failedFuture(
            Failure.retryAfter(ErrorCode.UNAVAILABLE, null, Duration.ofMillis(waitMillis)))
        : vertx.timer(waitMillis, MILLISECONDS).mapEmpty();
  }
}
