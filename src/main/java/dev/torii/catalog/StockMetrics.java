package dev.torii.catalog;

import dev.torii.catalog.OutboxRepository.Backlog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What operators see of changes of stock that are to be told. */
final class StockMetrics {
  private final Counter told;
  private volatile Backlog backlog = new Backlog(0, 0);
  private volatile long seenNanos = System.nanoTime();

  StockMetrics(MeterRegistry registry) {
    Gauge.builder("torii.stock.outbox.waiting", this, metrics -> metrics.backlog.count())
        .description("Changes of stock not told yet, over all processes; 10,000 for more")
        .register(registry);
    Gauge.builder("torii.stock.outbox.lag.seconds", this, StockMetrics::lagSeconds)
        .description("Age of the oldest change of stock that is not told yet")
        .register(registry);
    told =
        Counter.builder("torii.stock.told")
            .description("Changes of stock that this process told")
            .register(registry);
  }

  void waiting(Backlog found) {
    backlog = found;
    seenNanos = System.nanoTime();
  }

  /** Counts what was told; nothing below one is counted. */
  void told(int count) {
    told.increment(Math.max(0, count));
  }

  /** What is not seen any more grows older. */
  private double lagSeconds() {
    Backlog found = backlog;
    return found.count() == 0 ? 0 : found.lagMillis() / 1e3 + (System.nanoTime() - seenNanos) / 1e9;
  }
}
