package dev.torii.ratelimit;

import dev.torii.config.Limit.Algorithm;
import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import dev.torii.http.Networks;
import java.time.Clock;

/** Rules with no more than their numbers, and who asks them. */
final class TestRules {
  private TestRules() {}

  static Rule rule(
      String name, int limit, long windowMillis, Subject subject, WhenRedisIsAway away) {
    Terms plain = terms(Algorithm.SLIDING_LOG);
    return new Rule(name, name, limit, windowMillis, subject, away, "", plain);
  }

  /** One slot a request, for everybody. */
  static Terms terms(Algorithm algorithm) {
    return new Terms(algorithm, "", new Cost(1, "", 0), Tiers.NONE, Networks.NONE, false, false);
  }

  /** What one process has. */
  static RateLimiter limiter() {
    return new RateLimiter(
        new DenyMemory(), Clock.systemUTC(), SubjectLimits.NONE, new Processes());
  }

  /** One request of one slot. */
  static Attempt begin(RateLimiter limiter, Rule rule, String subject) {
    return limiter.begin(rule, subject, null, 1, false);
  }
}
