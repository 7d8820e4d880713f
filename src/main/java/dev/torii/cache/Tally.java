package dev.torii.cache;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;

/**
 * A count that operators may set to zero, while the metric of the same name only grows. Shared by
 * all event loops.
 */
public final class Tally {
  private final LongAdder total = new LongAdder();
  private volatile long zero;

  /** Counts under {@code metric} too. */
  static Tally of(MeterRegistry registry, String metric, String description, String... tags) {
    Tally tally = new Tally();
    FunctionCounter.builder(metric, tally, Tally::total)
        .description(description)
        .tags(tags)
        .register(registry);
    return tally;
  }

  public void increment() {
    total.increment();
  }

  public long total() {
    return total.sum();
  }

  /** What was counted since the last reset. */
  public long sinceReset() {
    return total() - zero;
  }

  void reset() {
    zero = total();
  }
}
