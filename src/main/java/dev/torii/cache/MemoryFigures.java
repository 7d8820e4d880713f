package dev.torii.cache;

import dev.torii.http.CacheOutcome;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the level of a cache in memory counts in this process. */
final class MemoryFigures {
  static final String L1 = "l1";

  private final CacheFigures cache;
  private final Map<CacheOutcome, Tally> reads = new EnumMap<>(CacheOutcome.class);
  private final Tally evicted;
  private final Tally cleared;
  private Supplier<Number> size = () -> 0;

  MemoryFigures(CacheFigures cache) {
    this.cache = cache;
    for (CacheOutcome outcome :
        List.of(CacheOutcome.HIT, CacheOutcome.NEGATIVE, CacheOutcome.MISS)) {
      reads.put(outcome, cache.reads(L1, outcome));
    }
    this.evicted =
        cache.count("torii.cache.evicted", "Entries that made room for others", "level", L1);
    this.cleared = cache.count("torii.cache.cleared", "Times when all was dropped", "level", L1);
  }

  void measure(Supplier<Number> entries) {
    size = entries;
    cache.gauge("torii.cache.entries", "Entries kept", entries, "level", L1);
  }

  void read(CacheOutcome outcome) {
    reads.get(outcome).increment();
  }

  void evicted() {
    evicted.increment();
  }

  void cleared() {
    cleared.increment();
  }

  long hits() {
    return reads.get(CacheOutcome.HIT).total() + reads.get(CacheOutcome.NEGATIVE).total();
  }

  Map<String, Long> sinceReset() {
    Map<String, Long> figures = new LinkedHashMap<>();
    reads.forEach((outcome, tally) -> figures.put(outcome.label(), tally.sinceReset()));
    figures.put("evicted", evicted.sinceReset());
    figures.put("cleared", cleared.sinceReset());
    figures.put("entries", size.get().longValue());
    return figures;
  }

  void reset() {
    reads.values().forEach(Tally::reset);
    evicted.reset();
    cleared.reset();
  }
}
