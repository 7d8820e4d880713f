package dev.torii.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @RepeatedTest(20)
  void pausesDoubleFromFiftyMillisecondsToTheLimit() {
    var backoff = new Backoff(Duration.ofMillis(300));
    for (long pause : new long[] {50, 100, 200, 300, 300, 300}) {
      assertThat(backoff.nextMillis()).isBetween(pause / 2, pause);
    }
  }

  @Test
  void pausesAreSpreadSoThatProcessesDoNotComeBackTogether() {
    assertThat(
            LongStream.range(0, 100)
                .map(i -> new Backoff(Duration.ofSeconds(2)).nextMillis())
                .distinct()
                .count())
        .isGreaterThan(5);
  }

  @Test
  void limitHoldsFromTheFirstPauseOn() {
    var backoff = new Backoff(Duration.ofMillis(20));
    assertThat(backoff.nextMillis()).isLessThanOrEqualTo(20);
    assertThat(backoff.nextMillis()).isLessThanOrEqualTo(20);
  }

  @Test
  void beginsAnewAfterASuccess() {
    var backoff = new Backoff(Duration.ofSeconds(2));
    for (int i = 0; i < 10; i++) {
      backoff.nextMillis();
    }
    backoff.reset();
    assertThat(backoff.nextMillis()).isLessThanOrEqualTo(50);
  }
}
