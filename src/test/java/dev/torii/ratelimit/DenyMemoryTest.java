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
    assertThat(denied.waitMillis(KEY)).isZero();
  }

  @Test
  void remembersARefusalUntilTheSlotFreesAndNoLonger() {
    denied.remember(KEY, 100);
    assertThat(denied.waitMillis(KEY)).isEqualTo(100);
    pass(40);
    assertThat(denied.waitMillis(KEY)).isEqualTo(60);
    pass(59);
    assertThat(denied.waitMillis(KEY)).isEqualTo(1);
    pass(1);
    assertThat(denied.waitMillis(KEY)).isZero();
  }

  @Test
  void roundsTheWaitUp() {
    denied.remember(KEY, 2);
    nanos.addAndGet(1);
    assertThat(denied.waitMillis(KEY)).isEqualTo(2);
    nanos.addAndGet(1_999_998);
    assertThat(denied.waitMillis(KEY)).isEqualTo(1);
  }

  @Test
  void newerRefusalReplacesTheOlderOne() {
    denied.remember(KEY, 10);
    denied.remember(KEY, 500);
    pass(10);
    assertThat(denied.waitMillis(KEY)).isEqualTo(490);
  }

  @Test
  void remembersNothingThatIsOverAlready() {
    denied.remember(KEY, 0);
    denied.remember(KEY, -5);
    assertThat(denied.waitMillis(KEY)).isZero();
  }

  @Test
  void keepsSubjectsApartAndForgetsOneAtATime() {
    denied.remember(KEY, 100);
    denied.remember("rate:log:bob:read", 100);
    denied.forget(KEY);
    assertThat(denied.waitMillis(KEY)).isZero();
    assertThat(denied.waitMillis("rate:log:bob:read")).isEqualTo(100);
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
