package dev.torii.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WriteMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong nanos = new AtomicLong();
  private final WriteMetrics metrics = new WriteMetrics(registry, nanos::get);

  @Test
  void whatIsNotSeenAnyMoreGrowsOlder() {
    metrics.queue(3, 500);
    assertThat(lag()).isEqualTo(0.5);
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(lag()).isEqualTo(10.5);
    metrics.rows(1, 20_000);
    assertThat(lag()).isEqualTo(20);
  }

  @Test
  void nothingHasNoAge() {
    metrics.queue(0, 0);
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(lag()).isZero();
  }

  @Test
  void everyCounterOfAKindIsThereFromTheFirstMomentAndSaysWhatItIs() {
    metrics.kind("preferences");
    for (String name : List.of("accepted", "applied", "refused")) {
      Counter counter = registry.get("torii.write.behind." + name).counter();
      assertThat(counter.count()).isZero();
      assertThat(counter.getId().getDescription()).isNotEmpty();
    }
    metrics.refused("preferences");
    assertThat(registry.get("torii.write.behind.refused").counter().count()).isEqualTo(1);
  }

  private double lag() {
    return registry.get("torii.write.behind.lag.seconds").gauge().value();
  }
}
