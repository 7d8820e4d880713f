package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LocalFailuresTest {
  private static final Rule SIX_PER_MINUTE =
      TestRules.rule("login", 6, 60_000, Subject.IP, WhenRedisIsAway.LOCAL);
  private static final FailureRule TWO_FREE = new FailureRule(SIX_PER_MINUTE, 2, 1_000);
  private static final String KEY = "rate:log:ip:203.0.113.7:ann:login";

  /** Near the end of its range, because the ticker may wrap. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 500_000_000);

  private final LocalFailures failures = new LocalFailures(nanos::get);
  private int events;

  @Test
  void waitsTwiceAsLongAfterEachFailureBeyondTheFreeOnes() {
    assertThat(fail().waitMillis()).isZero();
    for (long wait : new long[] {1_000, 2_000, 4_000, 8_000}) {
      assertThat(fail().waitMillis()).isEqualTo(wait);
      pass(wait - 1);
      assertThat(tryAgain().admitted()).isFalse();
      assertThat(tryAgain().waitMillis()).isEqualTo(1);
      pass(1);
    }
    // 15 s after the first: the sixth fills the window.
    assertThat(fail().waitMillis()).isEqualTo(45_000);
    pass(44_999);
    assertThat(tryAgain().waitMillis()).isEqualTo(1);
    pass(1);
    assertThat(tryAgain().admitted()).isTrue();
  }

  @Test
  void triesWithoutAnOutcomeCountLikeFailuresButMayClear() {
    failures.begin(TWO_FREE, KEY, "a");
    failures.begin(TWO_FREE, KEY, "b");
    assertThat(tryAgain().mayClear()).isTrue();

    failures.settle(TWO_FREE, KEY, "a");
    assertThat(tryAgain().mayClear()).isTrue();
    failures.settle(TWO_FREE, KEY, "b");
    assertThat(tryAgain().mayClear()).isFalse();
  }

  @Test
  void slotThatIsGivenBackIsFree() {
    failures.begin(TWO_FREE, KEY, "a");
    failures.begin(TWO_FREE, KEY, "b");
    failures.remove(KEY, "a");
    assertThat(tryAgain().admitted()).isTrue();
  }

  @Test
  void goesOnFromFailuresThatRedisHasCounted() {
    failures.settle(TWO_FREE, KEY, "counted-in-redis-1");
    failures.settle(TWO_FREE, KEY, "counted-in-redis-2");
    assertThat(tryAgain().admitted()).isFalse();
    pass(60_000);
    assertThat(tryAgain().admitted()).isTrue();
  }

  @Test
  void forgetsWhatHasASubjectAsAPart() {
    for (String subject : new String[] {"ann", "ip:203.0.113.7", "203.0.113.7:ann"}) {
      fail();
      fail();
      failures.forget("ip:203.0.113.70");
      failures.forget("an");
      assertThat(tryAgain().admitted()).isFalse();
      failures.forget(subject);
      assertThat(tryAgain().admitted()).as(subject).isTrue();
      failures.forget(subject);
    }
  }

  private FailureVerdict fail() {
    String event = "event-" + events++;
    FailureVerdict verdict = failures.begin(TWO_FREE, KEY, event);
    assertThat(verdict.admitted()).isTrue();
    failures.settle(TWO_FREE, KEY, event);
    return verdict;
  }

  private FailureVerdict tryAgain() {
    return failures.begin(TWO_FREE, KEY, "event-" + events++);
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
