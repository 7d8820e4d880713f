package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.AppConfig.Subject;
import dev.torii.config.AppConfig.WhenRedisIsAway;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LocalLogTest {
  private static final Rule TWO_PER_SECOND =
      new Rule("read", "read", 2, 1_000, Subject.USER, WhenRedisIsAway.LOCAL, "");
  private static final String KEY = "rate:log:ann:read";

  /** Near the end of its range, because the ticker may wrap. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 500_000_000);

  private final LocalLog log = new LocalLog(nanos::get);

  @Test
  void admitsTheLimitThenRefusesThenAdmitsAgain() {
    assertThat(request()).isEqualTo(new Decision(TWO_PER_SECOND, true, 1, 1_000));
    pass(400);
    assertThat(request()).isEqualTo(new Decision(TWO_PER_SECOND, true, 0, 600));
    pass(300);
    assertThat(request()).isEqualTo(new Decision(TWO_PER_SECOND, false, 0, 300));
    pass(299);
    assertThat(request().admitted()).isFalse();
    pass(1);
    assertThat(request()).isEqualTo(new Decision(TWO_PER_SECOND, true, 0, 400));
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
    assertThat(log.tryAcquire(TWO_PER_SECOND, "rate:log:bob:read").admitted()).isTrue();
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
    var onePerDay = new Rule("rare", "rare", 1, day, Subject.USER, WhenRedisIsAway.LOCAL, "");
    assertThat(log.tryAcquire(onePerDay, KEY).admitted()).isTrue();
    pass(day - 1);
    assertThat(log.tryAcquire(onePerDay, KEY)).isEqualTo(new Decision(onePerDay, false, 0, 1));
    pass(1);
    assertThat(log.tryAcquire(onePerDay, KEY).admitted()).isTrue();
  }

  private Decision request() {
    return log.tryAcquire(TWO_PER_SECOND, KEY);
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
