package dev.torii.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.config.CacheConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.redis.KeyListener;
import dev.torii.redis.KeyTracking;
import dev.torii.redis.RedisResult;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Every cache of the process by its name, and what they share. Safe for all event loops. */
public final class Caches {
  private final Map<String, Cache<?>> byName = new ConcurrentSkipListMap<>();
  private final CacheConfig config;
  private final StaleEntries stale;
  private final Breaker breaker;
  private final Clock clock;
  private final MeterRegistry registry;
  private final KeyTracking tracking = new KeyTracking();

  public Caches(CacheConfig config, StaleEntries stale, Clock clock, MeterRegistry registry) {
    this.config = config;
    this.stale = stale;
    this.breaker =
        new Breaker(config.breakerFailures(), config.breakerOpen(), Ticker.systemTicker());
    this.clock = clock;
    this.registry = registry;
    Gauge.builder("torii.cache.breaker.open", breaker, asked -> asked.isOpen() ? 1 : 0)
        .description("1 while Redis is left out as a cache because it failed")
        .register(registry);
  }

  /** The shared half of what {@code spec} declares; made by the first who declares it. */
  @SuppressWarnings("unchecked") // a name is declared with one type
  <K> Cache<K> declare(CacheSpec<K> spec) {
    return (Cache<K>)
        byName.computeIfAbsent(spec.name(), name -> create(spec, new CacheFigures(name, registry)));
  }

  private <K> Cache<K> create(CacheSpec<K> spec, CacheFigures figures) {
    int entries = spec.options().l1Entries();
    if (entries == 0) {
      return new Cache<>(spec, this, figures, null);
    }
    var memory =
        new MemoryLevel<Found>(
            entries,
            spec.options().l1Ttl(),
            tracking::isReliable,
            Ticker.systemTicker(),
            figures.withMemory());
    var cache = new Cache<>(spec, this, figures, memory);
    tracking.watch(spec.keyPrefix(), memory);
    cache.groupKeys().forEach(key -> tracking.watch(key, new GroupKey(key, memory)));
    return cache;
  }

  /** Tells which keys in Redis this process keeps in memory. */
  public KeyTracking tracking() {
    return tracking;
  }

  /** A group is being dropped or was: what memory has of it must go. */
  void groupChanged(String group) {
    byName.values().stream().filter(c -> c.isInGroup(group)).forEach(Cache::groupChanged);
  }

  /**
   * A cache that a service has declared before.
   *
   * @throws IllegalArgumentException when there is none
   */
  @SuppressWarnings("unchecked") // the feature that declares a cache is the one that reads it
  public <K> Cache<K> named(String name) {
    Cache<?> found = byName.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no service declares the cache " + name);
    }
    return (Cache<K>) found;
  }

  /** In the order of their names. */
  public Collection<Cache<?>> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  public StaleEntries stale() {
    return stale;
  }

  CacheConfig config() {
    return config;
  }

  Breaker breaker() {
    return breaker;
  }

  /** Whether Redis is left out as a cache for now, because it failed several times in a row. */
  public boolean isBreakerOpen() {
    return breaker.isOpen();
  }

  /**
   * Tells the breaker how one wave went. That too many commands of this process wait already says
   * nothing about Redis.
   *
   * @return whether Redis failed
   */
  boolean asked(List<RedisResult> answers) {
    boolean succeeded = false;
    for (RedisResult answer : answers) {
      if (!answer.failed()) {
        succeeded = true;
      } else if (!isBusy(answer.cause())) {
        breaker.failed();
        return true;
      }
    }
    if (succeeded) {
      breaker.succeeded();
    }
    return false;
  }

  private static boolean isBusy(Throwable t) {
    return t instanceof Failure failure && failure.code() == ErrorCode.BUSY;
  }

  Clock clock() {
    return clock;
  }

  /** The generation of a group; with each new one all entries in memory are old. */
  private record GroupKey(String key, MemoryLevel<?> memory) implements KeyListener {
    @Override
    public void changed(String changed) {
      if (changed.equals(key)) {
        memory.clear();
      }
    }

    @Override
    public void gap() {} // the level hears of it itself
  }
}
