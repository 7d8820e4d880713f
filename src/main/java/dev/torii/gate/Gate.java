package dev.torii.gate;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator.Standing;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.http.Exchange;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * Stands before every route: who is it, may it be one more, and what does the cache know?
 *
 * <p>The three questions that need Redis (is the token revoked, is the limit reached, the cached
 * value) are sent together and awaited once. What can be refused from memory costs no command.
 */
final class Gate {
  private final RedisClient redis;
  private final Authenticator authenticator;
  private final LimitCheck limits;
  private final Counter admitted;
  private final Counter unauthenticated;
  private final Counter forbidden;
  private final Counter unavailable;
  private final Counter limited;
  private final Counter limitedFromMemory;

  Gate(RedisClient redis, Authenticator authenticator, LimitCheck limits, MeterRegistry registry) {
    this.redis = redis;
    this.authenticator = authenticator;
    this.limits = limits;
    this.admitted = decisions(registry, "admitted");
    this.unauthenticated = decisions(registry, "unauthenticated");
    this.forbidden = decisions(registry, "forbidden");
    this.unavailable = decisions(registry, "unavailable");
    this.limited = decisions(registry, "limited");
    this.limitedFromMemory = decisions(registry, "limited-from-memory");
  }

  /**
   * Lets an exchange in, and leaves in it the caller, the limit's state and what the cache held.
   *
   * @return fails with UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED, or UNAVAILABLE when it cannot be
   *     told whether the token is revoked or the key exists
   */
  Future<Void> admit(Exchange exchange, RouteSpec route) {
    if (!route.access().isAuthenticated()) {
      return admit(exchange, route, null);
    }
    String credential;
    Verified token;
    try {
      credential = Credential.of(exchange.request(), authenticator, route.access().takesBasic());
      token = authenticator.verify(credential);
    } catch (Failure refused) {
      unauthenticated.increment();
      throw refused;
    }
    return token != null
        ? admit(exchange, route, token)
        : lookUp(credential).compose(found -> admit(exchange, route, found));
  }

  private Future<Verified> lookUp(String credential) {
    return authenticator
        .lookUp(credential)
        .onFailure(
            t -> {
              boolean refused =
                  t instanceof Failure failure && failure.code() == ErrorCode.UNAUTHENTICATED;
              (refused ? unauthenticated : unavailable).increment();
            });
  }

  private Future<Void> admit(Exchange exchange, RouteSpec route, Verified token) {
    if (token != null) {
      exchange.caller(token.caller());
    }
    LimitCheck.Round round =
        limits.begin(exchange, route.limits(), token == null ? null : token.caller());
    if (round != null) {
      Failure refusal = round.knownRefusal();
      if (refusal != null) {
        limitedFromMemory.increment();
        throw refusal;
      }
    }
    return ask(exchange, route, token, round);
  }

  private Future<Void> ask(
      Exchange exchange, RouteSpec route, Verified token, LimitCheck.Round round) {
    List<RedisCall> wave = new ArrayList<>(3);
    if (token != null) {
      wave.add(token.revocationCheck());
    }
    if (round != null) {
      round.addTo(wave);
    }
    GateRead.Asked read = route.read() == null ? null : route.read().ask(exchange);
    int readFrom = wave.size();
    if (read != null) {
      read.addTo(wave);
    }
    if (wave.isEmpty()) {
      return decide(exchange, route, round, read, readFrom, List.of());
    }
    return redis
        .wave(wave)
        .compose(
            answers -> {
              Standing standing =
                  token == null ? Standing.NOT_REVOKED : token.standing(answers.get(0));
              return switch (standing) {
                case NOT_REVOKED -> decide(exchange, route, round, read, readFrom, answers);
                case REVOKED -> throw revoked();
                case UNKNOWN ->
                    requireNotRevoked(token)
                        .compose(v -> decide(exchange, route, round, read, readFrom, answers));
              };
            });
  }

  /** Redis cannot tell, so the database does. */
  private Future<Void> requireNotRevoked(Verified token) {
    return authenticator
        .catchUp()
        .recover(
            t -> {
              unavailable.increment();
              String words = "Revocations cannot be checked right now";
              return Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, words, t));
            })
        .map(
            caughtUp -> {
              if (token.isKnownRevoked()) {
                throw revoked();
              }
              return null;
            });
  }

  /** Reads the end of the wave: the limit, then what was read. The wave may have been empty. */
  private Future<Void> decide(
      Exchange exchange,
      RouteSpec route,
      LimitCheck.Round round,
      GateRead.Asked read,
      int readFrom,
      List<RedisResult> answers) {
    int first = route.access().isAuthenticated() ? 1 : 0;
    if (round != null) {
      Failure refusal = round.decide(answers, first);
      if (refusal != null) {
        (refusal.code() == ErrorCode.UNAVAILABLE ? unavailable : limited).increment();
        throw refusal;
      }
    }
    if (route.access().isAuthenticated()) {
      requireAccess(exchange, route);
    }
    if (read != null) {
      read.show(exchange, answers, readFrom);
    }
    admitted.increment();
    return Future.succeededFuture();
  }

  /** After the limits, so that asking again and again for what one may not is counted too. */
  private void requireAccess(Exchange exchange, RouteSpec route) {
    String refusal = route.access().refusal(exchange.caller());
    if (refusal != null) {
      forbidden.increment();
      throw Failure.of(ErrorCode.FORBIDDEN, refusal);
    }
  }

  private Failure revoked() {
    unauthenticated.increment();
    return Failure.of(ErrorCode.UNAUTHENTICATED, "The access token was revoked");
  }

  private static Counter decisions(MeterRegistry registry, String decision) {
    return Counter.builder("torii.gate.decisions")
        .description("What the gate decided")
        .tag("decision", decision)
        .register(registry);
  }
}
