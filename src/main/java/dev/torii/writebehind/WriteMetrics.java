package dev.torii.writebehind;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.LongSupplier;

/** What operators are told of accepted writes. */
final class WriteMetrics {
  private final MeterRegistry registry;
  private final LongSupplier nanos;
  private volatile Sight queue;
  private volatile Sight rows;

  WriteMetrics(MeterRegistry registry) {
    this(registry, System::nanoTime);
  }

  WriteMetrics(MeterRegistry registry, LongSupplier nanos) {
    this.registry = registry;
    this.nanos = nanos;
    queue = new Sight(0, 0, 0);
    rows = queue;
    Gauge.builder("torii.write.behind.waiting", this, metrics -> metrics.queue.waiting)
        .description("Accepted writes that are not applied yet, over all processes")
        .tag("way", "queue")
        .register(registry);
    Gauge.builder("torii.write.behind.waiting", this, metrics -> metrics.rows.waiting)
        .tag("way", "durable")
        .register(registry);
    Gauge.builder("torii.write.behind.lag.seconds", this, WriteMetrics::lagSeconds)
        .description("Age of the oldest accepted write that is not applied yet")
        .register(registry);
    Counter.builder("torii.write.behind.lost")
        .description("Accepted writes, at most, whose values Redis lost before they were applied")
        .register(registry);
  }

  /** Shows the counters of a kind from the first moment on. */
  void kind(String kind) {
    acceptedCounter(kind, "queue");
    acceptedCounter(kind, "durable");
    appliedCounter(kind);
    refusedCounter(kind);
  }

  void queue(long waiting, long lagMillis) {
    queue = new Sight(waiting, lagMillis, nanos.getAsLong());
  }

  void rows(long waiting, long lagMillis) {
    rows = new Sight(waiting, lagMillis, nanos.getAsLong());
  }

  void accepted(String kind, String way, int count) {
    acceptedCounter(kind, way).increment(count);
  }

  void applied(String kind, int count) {
    appliedCounter(kind).increment(count);
  }

  void refused(String kind) {
    refusedCounter(kind).increment();
  }

  void lost(long count) {
    registry.counter("torii.write.behind.lost").increment((double) count);
  }

  private Counter acceptedCounter(String kind, String way) {
    return Counter.builder("torii.write.behind.accepted")
        .description("Writes that were accepted, by kind and by where they wait")
        .tags("kind", kind, "way", way)
        .register(registry);
  }

  private Counter appliedCounter(String kind) {
    return Counter.builder("torii.write.behind.applied")
        .description("Accepted writes that have reached their table, overtaken ones included")
        .tag("kind", kind)
        .register(registry);
  }

  private Counter refusedCounter(String kind) {
    return Counter.builder("torii.write.behind.refused")
        .description("Accepted writes that the database refused for what they are")
        .tag("kind", kind)
        .register(registry);
  }

  private double lagSeconds() {
    long now = nanos.getAsLong();
    return Math.max(queue.lagMillis(now), rows.lagMillis(now)) / 1000.0;
  }

  /** What waited when it was looked at last; whatever is not seen any more grows older. */
  private record Sight(long waiting, long lagMillis, long atNanos) {
    long lagMillis(long nowNanos) {
      return waiting == 0 ? 0 : lagMillis + (nowNanos - atNanos) / 1_000_000;
    }
  }
}
