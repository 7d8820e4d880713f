package dev.torii.gate;

import dev.torii.cache.Found;
import dev.torii.cache.Lookup;
import dev.torii.config.AppConfig.Subject;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.gate.Authenticator.Standing;
import dev.torii.gate.Authenticator.Verified;
import dev.torii.http.ClientAddress;
import dev.torii.http.Exchange;
import dev.torii.http.LimitHeaders;
import dev.torii.ratelimit.Decision;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.time.Duration;
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
  private final RateLimiter limiter;
  private final Counter admitted;
  private final Counter unauthenticated;
  private final Counter forbidden;
  private final Counter unavailable;
  private final Counter limited;
  private final Counter limitedFromMemory;

  Gate(
      RedisClient redis, Authenticator authenticator, RateLimiter limiter, MeterRegistry registry) {
    this.redis = redis;
    this.authenticator = authenticator;
    this.limiter = limiter;
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
      String refusal = route.access().refusal(token.caller());
      if (refusal != null) {
        forbidden.increment();
        throw Failure.of(ErrorCode.FORBIDDEN, refusal);
      }
    }
    RateLimiter.Attempt attempt =
        route.rule() == null ? null : limiter.begin(route.rule(), subject(exchange, route));
    if (attempt != null) {
      Decision refusal = attempt.knownRefusal();
      if (refusal != null) {
        limitedFromMemory.increment();
        apply(exchange, refusal);
      }
    }
    return ask(exchange, route, token, attempt);
  }

  private Future<Void> ask(
      Exchange exchange, RouteSpec route, Verified token, RateLimiter.Attempt attempt) {
    List<RedisCall> wave = new ArrayList<>(3);
    if (token != null) {
      wave.add(token.revocationCheck());
    }
    if (attempt != null) {
      wave.add(attempt.call());
    }
    Lookup<?> lookup = route.cachedRead() == null ? null : route.cachedRead().lookup(exchange);
    RedisCall read = lookup == null ? null : lookup.call();
    if (read != null) {
      wave.add(read);
    }
    if (wave.isEmpty()) {
      if (lookup != null) {
        show(exchange, lookup, null);
      }
      admitted.increment();
      return Future.succeededFuture();
    }
    return redis
        .wave(wave)
        .compose(
            answers -> {
              Standing standing =
                  token == null ? Standing.NOT_REVOKED : token.standing(answers.get(0));
              return switch (standing) {
                case NOT_REVOKED -> decide(exchange, route, attempt, lookup, answers);
                case REVOKED -> throw revoked();
                case UNKNOWN ->
                    requireNotRevoked(token)
                        .compose(v -> decide(exchange, route, attempt, lookup, answers));
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

  /** Reads the end of the wave: the limit, then the cache. */
  private Future<Void> decide(
      Exchange exchange,
      RouteSpec route,
      RateLimiter.Attempt attempt,
      Lookup<?> lookup,
      List<RedisResult> answers) {
    int next = route.access().isAuthenticated() ? 1 : 0;
    if (attempt != null) {
      Decision decision = attempt.decide(answers.get(next++));
      if (!decision.admitted()) {
        limited.increment();
      }
      apply(exchange, decision);
    }
    if (lookup != null) {
      show(exchange, lookup, next < answers.size() ? answers.get(next) : null);
    }
    admitted.increment();
    return Future.succeededFuture();
  }

  private Failure revoked() {
    unauthenticated.increment();
    return Failure.of(ErrorCode.UNAUTHENTICATED, "The access token was revoked");
  }

  private void apply(Exchange exchange, Decision decision) {
    exchange.limits(
        new LimitHeaders(
            decision.rule().name(),
            decision.rule().limit(),
            decision.remaining(),
            decision.resetSeconds(),
            decision.rule().policyHeader()));
    if (!decision.admitted()) {
      throw Failure.retryAfter(
          ErrorCode.RATE_LIMITED,
          "The next slot frees in " + decision.resetSeconds() + " s",
          Duration.ofMillis(decision.resetMillis()));
    }
  }

  private static void show(Exchange exchange, Lookup<?> lookup, RedisResult answer) {
    Found found = lookup.read(answer);
    exchange.cached(found.outcome(), found.json(), found.cachedAt());
  }

  private static String subject(Exchange exchange, RouteSpec route) {
    return route.rule().subject() == Subject.USER
        ? exchange.caller().userId().toString()
        : ClientAddress.limitSubject(exchange.clientAddress());
  }

  private static Counter decisions(MeterRegistry registry, String decision) {
    return Counter.builder("torii.gate.decisions")
        .description("What the gate decided")
        .tag("decision", decision)
        .register(registry);
  }
}
