package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DenyMemoryTest {
  private static final String KEY = "rate:log:ann:read";

  /** Near the end of its range, because the ticker may wrap. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000);

  private final DenyMemory denied = new DenyMemory(nanos::get);

  @Test
  void knowsNothingAtFirst() {
    assertThat(waitMillis(KEY)).isZero();
  }

  @Test
  void remembersARefusalUntilTheSlotFreesAndNoLonger() {
    remember(KEY, 100);
    assertThat(waitMillis(KEY)).isEqualTo(100);
    pass(40);
    assertThat(waitMillis(KEY)).isEqualTo(60);
    pass(59);
    assertThat(waitMillis(KEY)).isEqualTo(1);
    pass(1);
    assertThat(waitMillis(KEY)).isZero();
  }

  @Test
  void roundsTheWaitUp() {
    remember(KEY, 2);
    nanos.addAndGet(1);
    assertThat(waitMillis(KEY)).isEqualTo(2);
    nanos.addAndGet(1_999_998);
    assertThat(waitMillis(KEY)).isEqualTo(1);
  }

  @Test
  void newerRefusalReplacesTheOlderOne() {
    remember(KEY, 10);
    remember(KEY, 500);
    pass(10);
    assertThat(waitMillis(KEY)).isEqualTo(490);
  }

  @Test
  void remembersNothingThatIsOverAlready() {
    remember(KEY, 0);
    remember(KEY, -5);
    assertThat(waitMillis(KEY)).isZero();
  }

  @Test
  void keepsSubjectsApartAndForgetsOneAtATime() {
    remember(KEY, 100);
    remember("rate:log:bob:read", 100);
    denied.forget(KEY);
    assertThat(waitMillis(KEY)).isZero();
    assertThat(waitMillis("rate:log:bob:read")).isEqualTo(100);
  }

  @Test
  void holdsForRequestsThatCostAsMuchUnderTheSameLimitOrALowerOne() {
    denied.remember(KEY, 100, 100, 3, 10, 8);
    assertThat(denied.find(KEY, 3, 10).used()).isEqualTo(8);
    assertThat(denied.find(KEY, 4, 9)).isNotNull();
    assertThat(denied.find(KEY, 2, 10)).as("a cheaper one may fit").isNull();
    assertThat(denied.find(KEY, 3, 11)).as("a wider limit").isNull();
  }

  @Test
  void forgetsSoonWhatMayBeGivenBackElsewhere() {
    denied.remember(KEY, 100, 10, 1, 10, 10);
    assertThat(waitMillis(KEY)).isEqualTo(100);
    pass(10);
    assertThat(waitMillis(KEY)).isZero();
  }

  private void remember(String key, long waitMillis) {
    denied.remember(key, waitMillis, waitMillis, 1, 10, 10);
  }

  private long waitMillis(String key) {
    DenyMemory.Refusal refusal = denied.find(key, 1, 10);
    return refusal == null ? 0 : denied.waitMillis(refusal);
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
