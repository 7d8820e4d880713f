package dev.torii.realtime;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** What notifications tell of themselves. */
final class RealtimeMetrics {
  private final MeterRegistry registry;
  private final Counter published;
  private final Counter leftOut;
  private final Counter events;
  private final Counter duplicates;
  private final Counter gaps;

  RealtimeMetrics(MeterRegistry registry) {
    this.registry = registry;
    published = counter("torii.realtime.published", "News told to every process");
    leftOut = counter("torii.realtime.left.out", "News not above those told before");
    events = counter("torii.realtime.events", "Events of feeds that this process follows");
    duplicates = counter("torii.realtime.duplicates", "Messages of events that were known");
    gaps = counter("torii.realtime.gaps", "Times at which history could not tell what was missed");
  }

  void observe(Supplier<Number> followed, Supplier<Number> degraded) {
    Gauge.builder("torii.realtime.feeds", followed)
        .description("Feeds that this process follows")
        .register(registry);
    Gauge.builder("torii.realtime.degraded", degraded)
        .description("1 while events may be late")
        .register(registry);
  }

  void published(int told, int asked) {
    published.increment(told);
    leftOut.increment(asked - told);
  }

  void event() {
    events.increment();
  }

  void duplicate() {
    duplicates.increment();
  }

  void gap() {
    gaps.increment();
  }

  /**
   * History was read because something was missing.
   *
   * @param noticed how: by {@code message} or {@code tail}
   */
  void missed(String noticed) {
    registry.counter("torii.realtime.missed", "noticed", noticed).increment();
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
