package dev.torii.writebehind;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What operators are told of accepted writes. */
final class WriteMetrics {
  private final MeterRegistry registry;
  private volatile long queued;
  private volatile long queueLagMillis;
  private volatile long rows;
  private volatile long rowLagMillis;

  WriteMetrics(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("torii.write.behind.waiting", this, metrics -> metrics.queued)
        .description("Accepted writes that are not applied yet, over all processes")
        .tag("way", "queue")
        .register(registry);
    Gauge.builder("torii.write.behind.waiting", this, metrics -> metrics.rows)
        .tag("way", "durable")
        .register(registry);
    Gauge.builder("torii.write.behind.lag.seconds", this, WriteMetrics::lagSeconds)
        .description("Age of the oldest accepted write that is not applied yet")
        .register(registry);
  }

  void queue(long waiting, long lagMillis) {
    queued = waiting;
    queueLagMillis = lagMillis;
  }

  void rows(long waiting, long lagMillis) {
    rows = waiting;
    rowLagMillis = lagMillis;
  }

  void accepted(String kind, String way, int count) {
    registry.counter("torii.write.behind.accepted", "kind", kind, "way", way).increment(count);
  }

  void applied(String kind, int count) {
    registry.counter("torii.write.behind.applied", "kind", kind).increment(count);
  }

  void refused(String kind) {
    registry.counter("torii.write.behind.refused", "kind", kind).increment();
  }

  private double lagSeconds() {
    return Math.max(queueLagMillis, rowLagMillis) / 1000.0;
  }
}
