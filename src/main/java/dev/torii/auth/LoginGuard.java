package dev.torii.auth;

import dev.torii.failure.Failure;
import dev.torii.failure.RateLimit;
import dev.torii.http.ClientAddress;
import dev.torii.ratelimit.Decision;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.ratelimit.Rule;
import dev.torii.ratelimit.Rules;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import dev.torii.tokens.Sha256;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts failed logins per pair of address and account, per account, and per address.
 *
 * <p>A slot of each count is taken before the password is looked at, so that parallel guesses
 * cannot overshoot; a right password gives the slots back. The pair has the limit of the rule
 * {@code login-failures}; an account and an address each have {@value #WIDER} times as much, so
 * that a stranger's guesses do not soon lock out the owner, nor one user a whole office.
 */
final class LoginGuard {
  private static final int WIDER = 5;

  private final RedisClient redis;
  private final RateLimiter limiter;
  private final Rule perPair;
  private final Rule perAccount;
  private final Rule perAddress;

  LoginGuard(RedisClient redis, RateLimiter limiter, Rules rules) {
    this.redis = redis;
    this.limiter = limiter;
    this.perPair = rules.rule(AuthApi.LOGIN_RULE, AuthApi.LOGIN_RULE);
    this.perAccount = perPair.times(WIDER, AuthApi.LOGIN_RULE + "-account");
    this.perAddress = perPair.times(WIDER, AuthApi.LOGIN_RULE + "-address");
  }

  /**
   * Takes a slot of each count.
   *
   * @param email in its stored spelling; the account need not exist
   * @return the attempt; fails with RATE_LIMITED when one count is full
   */
  Future<Attempt> begin(String ip, String email) {
    String address = ClientAddress.limitSubject(ip);
    String account = Sha256.hex(email);
    List<RateLimiter.Attempt> counts =
        List.of(
            limiter.beginReturnable(perPair, address + ":" + account),
            limiter.beginReturnable(perAccount, account),
            limiter.beginReturnable(perAddress, address));
    return redis
        .wave(counts.stream().map(RateLimiter.Attempt::call).toList())
        .compose(answers -> decide(counts, answers));
  }

  private Future<Attempt> decide(List<RateLimiter.Attempt> counts, List<RedisResult> answers) {
    List<RateLimiter.Attempt> taken = new ArrayList<>();
    Decision refusal = null;
    for (int i = 0; i < counts.size(); i++) {
      Decision decision = counts.get(i).decide(answers.get(i));
      if (decision.admitted()) {
        taken.add(counts.get(i));
      } else {
        refusal = decision;
      }
    }
    Attempt attempt = new Attempt(taken);
    if (refusal == null) {
      return Future.succeededFuture(attempt);
    }
    Failure failure = tooMany(refusal);
    return attempt.giveBack().transform(done -> Future.failedFuture(failure));
  }

  private static Failure tooMany(Decision refusal) {
    Rule rule = refusal.rule();
    return Failure.rateLimited(
        "Too many failed logins; the next try is possible in " + refusal.resetSeconds() + " s",
        Duration.ofMillis(refusal.resetMillis()),
        new RateLimit(
            rule.name(),
            rule.limit(),
            refusal.remaining(),
            refusal.resetSeconds(),
            rule.policyHeader()));
  }

  /** A login under way, counted as failed until it is shown to be none. */
  final class Attempt {
    private final List<RateLimiter.Attempt> taken;

    private Attempt(List<RateLimiter.Attempt> taken) {
      this.taken = taken;
    }

    /** Gives the slots back: the password was right, or it was never looked at. */
    Future<Void> giveBack() {
      List<RedisCall> calls = taken.stream().map(RateLimiter.Attempt::giveBack).toList();
      return calls.isEmpty() ? Future.succeededFuture() : redis.wave(calls).mapEmpty();
    }
  }
}
