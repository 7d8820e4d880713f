package dev.torii.cache;

import dev.torii.http.CacheOutcome;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/** What one cache counts in this process, for metrics and for operators. */
public final class CacheFigures {
  static final String REDIS = "redis";

  /** What became of the load of an entry. */
  enum Load {
    /** PostgreSQL was asked. */
    LOADED,
    /** A load under way in this process was shared. */
    COALESCED,
    /** Another process had loaded it meanwhile. */
    AWAITED,
    /** Loaded ahead of its end, because it was read. */
    REFRESHED,
    /** Invalidated since the load began, so not stored. */
    OUTDATED,
    FAILED
  }

  private final String cache;
  private final MeterRegistry registry;
  private final Map<CacheOutcome, Tally> reads;
  private final Map<String, Map<CacheOutcome, Tally>> levels = new ConcurrentSkipListMap<>();
  private final Map<Load, Tally> loads = new EnumMap<>(Load.class);
  private MemoryFigures memory;
  private final Tally tooLarge;
  private final Tally audited;
  private final Tally staleServed;
  private final Timer loadTime;
  private final DistributionSummary valueBytes;
  private final DistributionSummary staleSeconds;

  CacheFigures(String cache, MeterRegistry registry) {
    this.cache = cache;
    this.registry = registry;
    this.reads = reads(REDIS);
    for (Load load : Load.values()) {
      loads.put(load, count("torii.cache.loads", "Loads of entries", "outcome", label(load)));
    }
    this.tooLarge = count("torii.cache.too.large", "Values that were too large to store");
    this.audited = count("torii.cache.audited", "Hits that were compared with PostgreSQL");
    this.staleServed =
        count("torii.cache.stale.served", "Compared hits that were older than a finished write");
    this.loadTime =
        Timer.builder("torii.cache.load.time")
            .description("Time that the source took")
            .tag("cache", cache)
            .register(registry);
    this.valueBytes = summary("torii.cache.value", "bytes", "Size of stored entries");
    this.staleSeconds =
        summary("torii.cache.stale.age", "seconds", "How long hits had been wrong when served");
  }

  /** Counters of one level of the cache, by what was found there. */
  Map<CacheOutcome, Tally> reads(String level) {
    return levels.computeIfAbsent(level, this::outcomes);
  }

  private Map<CacheOutcome, Tally> outcomes(String level) {
    Map<CacheOutcome, Tally> found = new EnumMap<>(CacheOutcome.class);
    for (CacheOutcome outcome : CacheOutcome.values()) {
      found.put(outcome, reads(level, outcome));
    }
    return found;
  }

  Tally reads(String level, CacheOutcome outcome) {
    String label = outcome.label();
    return count("torii.cache.reads", "Reads by what was found", "level", level, "outcome", label);
  }

  /** A further count of this cache. */
  Tally count(String metric, String description, String... tags) {
    String[] all = new String[tags.length + 2];
    all[0] = "cache";
    all[1] = cache;
    System.arraycopy(tags, 0, all, 2, tags.length);
    return Tally.of(registry, metric, description, all);
  }

  /** Begins to count for a level in memory too. */
  MemoryFigures withMemory() {
    memory = new MemoryFigures(this);
    return memory;
  }

  MemoryFigures memory() {
    return memory;
  }

  /** Registers what is measured when it is asked for. */
  void gauge(String metric, String description, Supplier<Number> value, String... tags) {
    Gauge.builder(metric, value)
        .description(description)
        .tag("cache", cache)
        .tags(tags)
        .register(registry);
  }

  void read(CacheOutcome outcome) {
    reads.get(outcome).increment();
  }

  void load(Load outcome) {
    loads.get(outcome).increment();
  }

  void tooLarge() {
    tooLarge.increment();
  }

  void audited() {
    audited.increment();
  }

  void staleServed(double forSeconds) {
    staleServed.increment();
    staleSeconds.record(forSeconds);
  }

  Timer loadTime() {
    return loadTime;
  }

  void stored(int bytes) {
    valueBytes.record(bytes);
  }

  /** Reads that were answered without PostgreSQL, since the process started. */
  long hits() {
    long hits = memory == null ? 0 : memory.hits();
    for (Map<CacheOutcome, Tally> level : levels.values()) {
      hits += level.get(CacheOutcome.HIT).total() + level.get(CacheOutcome.NEGATIVE).total();
    }
    return hits;
  }

  /** Reads that were not, since the process started. */
  long misses() {
    return reads.get(CacheOutcome.MISS).total() + reads.get(CacheOutcome.BYPASS).total();
  }

  /** Reads since the last reset, by level and outcome. */
  public Map<String, Map<String, Long>> readsSinceReset() {
    Map<String, Map<String, Long>> figures = new LinkedHashMap<>();
    levels.forEach(
        (level, outcomes) -> {
          Map<String, Long> counts = new LinkedHashMap<>();
          outcomes.forEach((outcome, tally) -> counts.put(outcome.label(), tally.sinceReset()));
          figures.put(level, counts);
        });
    if (memory != null) {
      figures.put(MemoryFigures.L1, memory.sinceReset());
    }
    return figures;
  }

  /** All else since the last reset, by the names of the contract. */
  public Map<String, Long> workSinceReset() {
    Map<String, Long> figures = new LinkedHashMap<>();
    loads.forEach((load, tally) -> figures.put(label(load), tally.sinceReset()));
    figures.put("too_large", tooLarge.sinceReset());
    figures.put("audited", audited.sinceReset());
    figures.put("stale_served", staleServed.sinceReset());
    return figures;
  }

  /** Sets what operators see to zero; metrics go on. */
  public void reset() {
    levels.values().forEach(level -> level.values().forEach(Tally::reset));
    loads.values().forEach(Tally::reset);
    tooLarge.reset();
    audited.reset();
    staleServed.reset();
    if (memory != null) {
      memory.reset();
    }
  }

  private DistributionSummary summary(String metric, String unit, String description) {
    return DistributionSummary.builder(metric)
        .baseUnit(unit)
        .description(description)
        .tag("cache", cache)
        .register(registry);
  }

  private static String label(Load load) {
    return load.name().toLowerCase(Locale.ROOT);
  }
}
