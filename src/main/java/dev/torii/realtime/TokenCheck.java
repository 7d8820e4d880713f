package dev.torii.realtime;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator;
import dev.torii.gate.Authenticator.Standing;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.List;

/** Tells who presents a token, as the gate does for requests, and whether that still holds. */
final class TokenCheck {
  private final Authenticator authenticator;
  private final RedisClient redis;
  private final Clock clock;

  TokenCheck(Authenticator authenticator, RedisClient redis, Clock clock) {
    this.authenticator = authenticator;
    this.redis = redis;
    this.clock = clock;
  }

  /**
   * The bearer of a token or API key.
   *
   * @return fails with UNAUTHENTICATED, or UNAVAILABLE when it cannot be told whether it is revoked
   */
  Future<Verified> identify(String token) {
    return Future.succeededFuture(token)
        .map(authenticator::verify)
        .compose(
            known -> known != null ? Future.succeededFuture(known) : authenticator.lookUp(token))
        .compose(this::requireNotRevoked)
        .map(this::requireUnexpired);
  }

  /** Whether a token ended, by what this process knows; asks nobody. */
  boolean isOver(Verified token) {
    return isExpired(token) || token.isKnownRevoked();
  }

  /**
   * Asks Redis about tokens, because another program may have revoked one by writing its key, and
   * because the database may be away. What it says is known to {@link #isOver} from then on.
   *
   * @return whether any of them is revoked
   */
  Future<Boolean> askRedis(List<Verified> tokens) {
    List<RedisCall> checks = tokens.stream().map(Verified::revocationCheck).toList();
    return redis
        .wave(checks)
        .map(
            answers -> {
              boolean anyRevoked = false;
              for (int i = 0; i < answers.size(); i++) {
                anyRevoked |= tokens.get(i).standing(answers.get(i)) == Standing.REVOKED;
              }
              return anyRevoked;
            });
  }

  private Future<Verified> requireNotRevoked(Verified token) {
    return redis
        .wave(List.of(token.revocationCheck()))
        .map(answers -> token.standing(answers.get(0)))
        .compose(
            standing ->
                switch (standing) {
                  case NOT_REVOKED -> Future.succeededFuture();
                  case REVOKED -> throw revoked();
                  case UNKNOWN -> authenticator.catchUp().recover(TokenCheck::unavailable);
                })
        .map(
            told -> {
              if (token.isKnownRevoked()) {
                throw revoked();
              }
              return token;
            });
  }

  private static Future<Void> unavailable(Throwable cause) {
    String words = "Revocations cannot be checked right now";
    return Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, words, cause));
  }

  /** Requests are let some skew of the clocks; what lasts ends when the token says so. */
  private Verified requireUnexpired(Verified token) {
    if (isExpired(token)) {
      throw Failure.of(ErrorCode.UNAUTHENTICATED, "The access token is expired");
    }
    return token;
  }

  private boolean isExpired(Verified token) {
    return clock.millis() >= token.caller().expiresAtEpochSecond() * 1_000;
  }

  private static Failure revoked() {
    return Failure.of(ErrorCode.UNAUTHENTICATED, "The access token was revoked");
  }
}
