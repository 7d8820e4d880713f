package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import dev.torii.redis.RedisResult;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/** What an attempt knows without Redis. */
class AttemptTest {
  private final String subject = "ann";

  @Test
  void whatCostsMoreThanTheShareIsNotAdmittedWithoutRedis() {
    var processes = new Processes();
    processes.alive(3);
    var alone = new RateLimiter(new DenyMemory(), Clock.systemUTC(), SubjectLimits.NONE, processes);
    Rule nine = rule(9);
    var away = new RedisResult(null, new IllegalStateException("away"));
    assertThat(alone.begin(nine, subject, null, 4, false).decide(away).admitted()).isFalse();
    Attempt all = alone.begin(nine, subject, null, 3, true);
    assertThat(all.decide(away).admitted()).isTrue();
    assertThat(alone.begin(nine, subject, null, 1, false).decide(away).admitted()).isFalse();
    all.giveBack();
    assertThat(alone.begin(nine, subject, null, 3, false).decide(away).admitted()).isTrue();
  }

  @Test
  void exceptionBelowTheCostEndsOneDayButALimitBelowItNever() {
    long end = Clock.systemUTC().millis() + 60_000;
    SubjectLimits limits =
        (rule, who) -> who.equals(subject) ? new SubjectLimits.SubjectLimit(2, end) : null;
    var limiter = new RateLimiter(new DenyMemory(), Clock.systemUTC(), limits, new Processes());
    Rule rule = rule(5);
    var away = new RedisResult(null, new IllegalStateException("away"));
    Decision narrow = limiter.begin(rule, subject, null, 3, false).decide(away);
    assertThat(narrow.admitted()).isFalse();
    assertThat(narrow.neverFits()).isFalse();
    assertThat(narrow.resetMillis()).isBetween(50_000L, 60_000L);
    assertThat(limiter.begin(rule, "other", null, 5, false).knownRefusal()).isNull();
    assertThat(limiter.begin(rule, "other", null, 6, false).decide(away).neverFits()).isTrue();
  }

  private static Rule rule(int limit) {
    return TestRules.rule("read", limit, 3_600_000, Subject.USER, WhenRedisIsAway.LOCAL);
  }
}
