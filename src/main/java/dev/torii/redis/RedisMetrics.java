package dev.torii.redis;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the Redis links tell of themselves. */
final class RedisMetrics {
  private final MeterRegistry registry;
  private final Counter waves;
  private final Counter writes;
  private final Counter commands;
  private final Timer answers;

  RedisMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.waves =
        Counter.builder("torii.redis.waves")
            .description("Groups of commands that somebody awaited once")
            .register(registry);
    this.writes =
        Counter.builder("torii.redis.batches")
            .description("Writes to a server; one carries the commands of many waves")
            .register(registry);
    this.commands =
        Counter.builder("torii.redis.commands").description("Commands sent").register(registry);
    this.answers =
        Timer.builder("torii.redis.duration")
            .description("Time from a write to its last answer")
            .serviceLevelObjectives(
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(25),
                Duration.ofMillis(100),
                Duration.ofMillis(500))
            .register(registry);
  }

  void observe(String link, Supplier<Number> up, Supplier<Number> waiting) {
    Gauge.builder("torii.redis.up", up)
        .description("1 while the server answers")
        .tag("link", link)
        .register(registry);
    Gauge.builder("torii.redis.waiting", waiting)
        .description("Commands that wait for an answer")
        .tag("link", link)
        .register(registry);
  }

  void waved() {
    waves.increment();
  }

  void written(int count) {
    writes.increment();
    commands.increment(count);
  }

  void answered(long nanos) {
    answers.record(nanos, TimeUnit.NANOSECONDS);
  }

  void lost(String link) {
    registry.counter("torii.redis.lost", "link", link).increment();
  }
}
