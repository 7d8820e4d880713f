package dev.torii.cache;

import dev.torii.config.AppConfig;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
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
public final class EntryCache<K> {
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
  private final CacheSpec<K> spec;
  private final Clock clock;
  private final int jitterPercent;
  private final Map<String, Future<Buffer>> loading = new HashMap<>();
  private final Counter loads;
  private final Counter shared;
  private final Counter refused;

  /** The cache {@code spec} for the current context. */
  public EntryCache(
      Vertx vertx,
      RedisClient redis,
      StaleEntries stale,
      CacheSpec<K> spec,
      AppConfig.Cache config,
      Clock clock,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.redis = redis;
    this.spec = spec;
    this.stale = stale;
    this.clock = clock;
    this.jitterPercent = config.jitterPercent();
    this.loads = counter(registry, spec.name(), "loaded");
    this.shared = counter(registry, spec.name(), "coalesced");
    this.refused = counter(registry, spec.name(), "outdated");
    vertx.setPeriodic(RETRY_MILLIS, timer -> dropStaleEntries());
  }

  /**
   * Loads an entry that was not found in the cache, and stores it.
   *
   * @return what the loader gave, also when Redis is away
   */
  public Future<Loaded> load(K id) {
    String key = spec.key().apply(id);
    Future<Buffer> running = loading.get(key);
    if (running != null) {
      shared.increment();
      return running.map(Loaded::fresh);
    }
    loads.increment();
    Future<Buffer> load =
        begin(key)
            .compose(
                generation ->
                    spec.loader()
                        .apply(List.of(id))
                        .map(found -> found.get(id))
                        .onSuccess(value -> store(key, generation, value)));
    loading.put(key, load);
    return load.onComplete(done -> loading.remove(key, load)).map(Loaded::fresh);
  }

  /** Reads through the cache: what it has, else what {@link #load} gives. */
  public Future<Loaded> get(K id) {
    return getAll(List.of(id)).map(all -> all.get(id));
  }

  /**
   * Reads many: one MGET, one call of the loader for what is missing, one pipelined write.
   *
   * @return one result an id, in the order given
   */
  public Future<Map<K, Loaded>> getAll(List<K> ids) {
    return redis
        .wave(
            ids.stream()
                .map(id -> RedisCall.of(Area.CACHE, Command.GET, spec.key().apply(id)))
                .toList())
        .compose(
            answers -> {
              Map<K, Loaded> found = new LinkedHashMap<>();
              List<K> missing = new ArrayList<>();
              for (int i = 0; i < ids.size(); i++) {
                Loaded hit = read(spec.key().apply(ids.get(i)), answers.get(i));
                found.put(ids.get(i), hit);
                if (hit == null) {
                  missing.add(ids.get(i));
                }
              }
              return missing.isEmpty()
                  ? Future.succeededFuture(found)
                  : loadAll(missing)
                      .map(
                          loaded -> {
                            missing.forEach(id -> found.put(id, Loaded.fresh(loaded.get(id))));
                            return found;
                          });
            });
  }

  private Loaded read(String key, RedisResult answer) {
    if (answer.failed() || answer.value() == null || stale.mayBeStale(key)) {
      return null;
    }
    Buffer value = answer.value().toBuffer();
    if (CachedJson.isNothing(value)) {
      return new Loaded(null, true, false);
    }
    return CachedJson.isObject(value) ? new Loaded(value, true, false) : null;
  }

  private Future<Map<K, Buffer>> loadAll(List<K> ids) {
    List<Future<String>> generations = ids.stream().map(id -> begin(spec.key().apply(id))).toList();
    return Future.join(generations)
        .compose(begun -> spec.loader().apply(ids))
        .onSuccess(
            loaded -> {
              for (int i = 0; i < ids.size(); i++) {
                String key = spec.key().apply(ids.get(i));
                store(key, generations.get(i).result(), loaded.get(ids.get(i)));
              }
            });
  }

  /**
   * Writes PostgreSQL, and then the entry before it is acknowledged. Of two writers at once neither
   * stores, because only the database knows which came last: the next reader loads.
   *
   * @param write changes PostgreSQL and gives the JSON object that stands there now, null for none
   * @param lateCommit how long after its deadline a statement may still be committed
   */
  public Future<Buffer> writeThrough(K id, Supplier<Future<Buffer>> write, Duration lateCommit) {
    return write
        .get()
        .transform(
            outcome ->
                outcome.succeeded()
                    ? invalidate(id).map(outcome.result())
                    : invalidateNowAndAfter(id, lateCommit)
                        .compose(done -> Future.failedFuture(outcome.cause())));
  }

  /** Makes {@code value} the entry: for a write that is accepted and not yet in PostgreSQL. */
  public Future<Void> put(K id, Buffer value) {
    String key = spec.key().apply(id);
    return invalidate(id)
        .compose(gone -> begin(key))
        .onSuccess(generation -> store(key, generation, value))
        .mapEmpty();
  }

  /**
   * Drops an entry, with a command that a server without free memory takes too; completes when no
   * process can read it from Redis any more. A link that breaks is given a moment to come back;
   * when Redis is away for longer the entry is dropped as soon as it is back, and until then this
   * process does not read it and the others, which miss Redis too, read none.
   *
   * <p>A load under way here began before the write, so later readers must not share it.
   */
  public Future<Void> invalidate(K id) {
    String key = spec.key().apply(id);
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
  public Future<Void> invalidateNowAndAfter(K id, Duration wait) {
    vertx.setTimer(
        wait.toMillis(), timer -> invalidate(id).onFailure(t -> LOG.warn("entry not dropped", t)));
    return invalidate(id);
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
    Buffer entry = value == null ? CachedJson.NOTHING : stamped(value);
    long lifeMillis =
        withJitter(value == null ? spec.options().negativeTtl() : spec.options().ttl());
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

  /** The form that the cache keeps: the same with the time at which it was stored. */
  private Buffer stamped(Buffer json) {
    return json.getBuffer(0, json.length() - 1)
        .appendString(",\"cached_at\":\"")
        .appendString(clock.instant().truncatedTo(ChronoUnit.MILLIS).toString())
        .appendString("\"}");
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
