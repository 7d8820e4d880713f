package dev.torii.gate;

import dev.torii.http.CacheOutcome;
import dev.torii.http.Exchange;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

/** The cache entry that a route wants to find in the gate's wave. */
final class CachedRead {
  private final Function<Exchange, String> key;
  private final Map<CacheOutcome, Counter> outcomes = new EnumMap<>(CacheOutcome.class);

  CachedRead(String cache, Function<Exchange, String> key, MeterRegistry registry) {
    this.key = key;
    for (CacheOutcome outcome : CacheOutcome.values()) {
      outcomes.put(
          outcome,
          Counter.builder("torii.cache.reads")
              .description("Reads of the cache by what was found")
              .tag("cache", cache)
              .tag("outcome", outcome.label())
              .register(registry));
    }
  }

  String key(Exchange exchange) {
    return key.apply(exchange);
  }

  void count(CacheOutcome outcome) {
    outcomes.get(outcome).increment();
  }
}
