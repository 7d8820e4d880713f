package dev.torii.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final Breaker breaker = new Breaker(3, Duration.ofSeconds(2), nanos::get);

  @Test
  void opensAfterFailuresInARowOnly() {
    breaker.failed();
    breaker.failed();
    breaker.succeeded();
    breaker.failed();
    breaker.failed();
    assertThat(breaker.allows()).isTrue();
    breaker.failed();
    assertThat(breaker.allows()).isFalse();
  }

  @Test
  void letsOneThroughAfterAWhileAndClosesWhenThatSucceeds() {
    open();
    nanos.addAndGet(Duration.ofSeconds(2).toNanos() - 1);
    assertThat(breaker.allows()).isFalse();
    nanos.incrementAndGet();
    assertThat(breaker.allows()).isTrue();
    assertThat(breaker.allows()).isFalse();
    breaker.succeeded();
    assertThat(breaker.allows()).isTrue();
    assertThat(breaker.allows()).isTrue();
  }

  @Test
  void staysOpenWhenTheOneFails() {
    open();
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(breaker.allows()).isTrue();
    breaker.failed();
    assertThat(breaker.allows()).isFalse();
    assertThat(breaker.isOpen()).isTrue();
  }

  private void open() {
    for (int i = 0; i < 3; i++) {
      breaker.failed();
    }
  }
}
