package dev.torii.cache;

import dev.torii.config.AppConfig;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cache-aside entries in Redis that are never older than the last invalidation.
 *
 * <p>Each entry has a generation beside it. A load notes the generation before it reads PostgreSQL
 * and its result is stored only if the generation is still the same; an invalidation drops it, and
 * each new one is unique. So a slow reader cannot store what it read before somebody else's write.
 * One load per entry runs at a time in a process. Used on one context, like its {@link
 * RedisClient}.
 */
public final class EntryCache {
  private static final Logger LOG = LoggerFactory.getLogger(EntryCache.class);
  private static final LuaScript BEGIN = LuaScript.load("cache-begin");
  private static final LuaScript STORE = LuaScript.load("cache-store");

  /** Life of a generation in seconds; far longer than any load may take. */
  private static final int GENERATION_SECONDS = 3600;

  /** How often entries that could not be dropped are tried again, in milliseconds. */
  private static final long RETRY_MILLIS = 1000;

  /** How long the writer of a value waits for a broken link before its write is acknowledged. */
  private static final Duration INSISTENCE = Duration.ofMillis(400);

  private static final long FIRST_PAUSE_MILLIS = 60;

  private final Vertx vertx;
  private final RedisClient redis;
  private final StaleEntries stale;
  private final UnaryOperator<Buffer> stamp;
  private final Duration ttl;
  private final Duration negativeTtl;
  private final int jitterPercent;
  private final Map<String, Future<Buffer>> loading = new HashMap<>();
  private final Counter loads;
  private final Counter shared;
  private final Counter refused;

  /**
   * A cache named {@code name} in metrics, for the current context.
   *
   * @param stamp makes the entry that is stored from the object that was loaded
   * @param ttl life of an entry, before jitter
   */
  public EntryCache(
      Vertx vertx,
      String name,
      RedisClient redis,
      StaleEntries stale,
      UnaryOperator<Buffer> stamp,
      Duration ttl,
      AppConfig.Cache config,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.redis = redis;
    this.stamp = stamp;
    this.stale = stale;
    this.ttl = ttl;
    this.negativeTtl = config.negativeTtl();
    this.jitterPercent = config.jitterPercent();
    this.loads = counter(registry, name, "loaded");
    this.shared = counter(registry, name, "coalesced");
    this.refused = counter(registry, name, "outdated");
    vertx.setPeriodic(RETRY_MILLIS, timer -> dropStaleEntries());
  }

  /**
   * Loads an entry that was not found in the cache, and stores it.
   *
   * @param loader reads the JSON object from its source; null for nothing there
   * @return what the loader gave, also when Redis is away; null for nothing there
   */
  public Future<Buffer> load(String key, Supplier<Future<Buffer>> loader) {
    Future<Buffer> running = loading.get(key);
    if (running != null) {
      shared.increment();
      return running;
    }
    loads.increment();
    Future<Buffer> load =
        begin(key)
            .compose(generation -> loader.get().onSuccess(value -> store(key, generation, value)));
    loading.put(key, load);
    return load.onComplete(done -> loading.remove(key, load));
  }

  /**
   * Drops an entry, with a command that a server without free memory takes too; completes when no
   * process can read it from Redis any more. A link that breaks is given a moment to come back;
   * when Redis is away for longer the entry is dropped as soon as it is back, and until then this
   * process does not read it and the others, which miss Redis too, read none.
   *
   * <p>A load under way here began before the write, so later readers must not share it.
   */
  public Future<Void> invalidate(String key) {
    loading.remove(key);
    stale.add(key);
    long giveUpAt = System.nanoTime() + INSISTENCE.toNanos();
    return drop(key)
        .recover(t -> dropAgain(key, FIRST_PAUSE_MILLIS, giveUpAt))
        .otherwise(
            t -> {
              LOG.warn("A cache entry waits for Redis to be dropped");
              return null;
            });
  }

  private Future<Void> drop(String key) {
    return redis
        .send(RedisCall.of(Area.CACHE, Command.DEL, key, Keys.generation(key)))
        .onSuccess(dropped -> stale.remove(key))
        .onFailure(t -> stale.add(key)) // another drop of it may have succeeded meanwhile
        .mapEmpty();
  }

  private Future<Void> dropAgain(String key, long pauseMillis, long giveUpAt) {
    return vertx
        .timer(pauseMillis)
        .compose(waited -> drop(key))
        .recover(
            t ->
                System.nanoTime() - giveUpAt < 0
                    ? dropAgain(key, pauseMillis * 2, giveUpAt)
                    : Future.failedFuture(t));
  }

  /**
   * Drops an entry now and once more after {@code wait}: for a write whose outcome is not known and
   * that may still be committed.
   */
  public Future<Void> invalidateNowAndAfter(String key, Duration wait) {
    vertx.setTimer(
        wait.toMillis(), timer -> invalidate(key).onFailure(t -> LOG.warn("entry not dropped", t)));
    return invalidate(key);
  }

  /** Drops what could not be dropped while Redis was away. */
  public void dropStaleEntries() {
    for (String key : stale.all()) {
      drop(key).onFailure(t -> LOG.debug("A cache entry still waits for Redis", t));
    }
  }

  /** The generation to store under, null when Redis is away and nothing can be stored. */
  private Future<String> begin(String key) {
    return redis
        .send(
            RedisCall.script(
                Area.CACHE, BEGIN, List.of(Keys.generation(key)), unique(), GENERATION_SECONDS))
        .map(Object::toString)
        .otherwiseEmpty();
  }

  private void store(String key, String generation, Buffer value) {
    if (generation == null || stale.contains(key)) {
      return;
    }
    Buffer entry = value == null ? CachedJson.NOTHING : stamp.apply(value);
    long lifeMillis = withJitter(value == null ? negativeTtl : ttl);
    redis
        .send(
            RedisCall.script(
                Area.CACHE, STORE, entryAndGeneration(key), generation, entry, lifeMillis))
        .onSuccess(
            stored -> {
              if (stored.toInteger() == 0) {
                refused.increment();
              }
            })
        .onFailure(t -> LOG.debug("entry not stored", t));
  }

  private long withJitter(Duration life) {
    long millis = life.toMillis();
    long range = millis * jitterPercent / 100;
    return millis - range + ThreadLocalRandom.current().nextLong(2 * range + 1);
  }

  private static List<String> entryAndGeneration(String key) {
    return List.of(key, Keys.generation(key));
  }

  private static String unique() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
  }

  private static Counter counter(MeterRegistry registry, String cache, String outcome) {
    return Counter.builder("torii.cache.loads")
        .description("Loads of entries: loaded, coalesced with a running one, too old to store")
        .tag("cache", cache)
        .tag("outcome", outcome)
        .register(registry);
  }
}
