package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import dev.torii.ratelimit.LocalLog.Taken;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LocalLogTest {
  private static final Rule TWO_PER_SECOND =
      TestRules.rule("read", 2, 1_000, Subject.USER, WhenRedisIsAway.LOCAL);
  private static final String KEY = "rate:log:ann:read";

  /** Near the end of its range, because the ticker may wrap. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 500_000_000);

  private final LocalLog log = new LocalLog(nanos::get);

  @Test
  void admitsTheLimitThenRefusesThenAdmitsAgain() {
    assertThat(request()).isEqualTo(new Taken(true, 1, 1_000));
    pass(400);
    assertThat(request()).isEqualTo(new Taken(true, 2, 600));
    pass(300);
    assertThat(request()).isEqualTo(new Taken(false, 2, 300));
    pass(299);
    assertThat(request().admitted()).isFalse();
    pass(1);
    assertThat(request()).isEqualTo(new Taken(true, 2, 400));
    assertThat(request().admitted()).isFalse();
  }

  @Test
  void refusedRequestsAreNotCounted() {
    request();
    request();
    for (int i = 0; i < 10; i++) {
      pass(50);
      assertThat(request().admitted()).isFalse();
    }
    pass(500);
    assertThat(request().admitted()).isTrue();
    assertThat(request().admitted()).isTrue();
  }

  @Test
  void countsSubjectsApart() {
    request();
    request();
    assertThat(log.take(TWO_PER_SECOND, "rate:log:bob:read", 2, 1).admitted()).isTrue();
  }

  @Test
  void forgetsASubjectThatWasReset() {
    request();
    request();
    log.forget("rate:log:nobody:read");
    assertThat(request().admitted()).isFalse();
    log.forget(KEY);
    assertThat(request().admitted()).isTrue();
  }

  @Test
  void remembersForTheWholeWindowHoweverLongItIs() {
    long day = TimeUnit.DAYS.toMillis(1);
    var onePerDay = TestRules.rule("rare", 1, day, Subject.USER, WhenRedisIsAway.LOCAL);
    assertThat(log.take(onePerDay, KEY, 1, 1).admitted()).isTrue();
    pass(day - 1);
    assertThat(log.take(onePerDay, KEY, 1, 1)).isEqualTo(new Taken(false, 1, 1));
    pass(1);
    assertThat(log.take(onePerDay, KEY, 1, 1).admitted()).isTrue();
  }

  @Test
  void dearRequestTakesAllItsSlotsOrNoneAndWaitsUntilItFits() {
    assertThat(log.take(TWO_PER_SECOND, KEY, 3, 2)).isEqualTo(new Taken(true, 2, 1_000));
    pass(100);
    assertThat(log.take(TWO_PER_SECOND, KEY, 3, 1)).isEqualTo(new Taken(true, 3, 900));
    assertThat(log.take(TWO_PER_SECOND, KEY, 3, 3)).isEqualTo(new Taken(false, 3, 1_000));
    assertThat(log.take(TWO_PER_SECOND, KEY, 3, 2)).isEqualTo(new Taken(false, 3, 900));
    log.giveBack(KEY, 2);
    assertThat(log.take(TWO_PER_SECOND, KEY, 3, 2)).isEqualTo(new Taken(true, 3, 900));
  }

  @Test
  void keepsABoundedNumberOfTimesAndAdmitsNoneTooMany() {
    int limit = 5_000;
    int admitted = 0;
    for (int i = 0; i < 6_000; i++) {
      nanos.addAndGet(1_000);
      admitted += log.take(TWO_PER_SECOND, KEY, limit, 1).admitted() ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(limit);
  }

  private Taken request() {
    return log.take(TWO_PER_SECOND, KEY, 2, 1);
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
