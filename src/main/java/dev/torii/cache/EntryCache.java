package dev.torii.cache;

import dev.torii.cache.EntryStore.Begun;
import dev.torii.failure.Trouble;
import dev.torii.http.CacheOutcome;
import dev.torii.redis.RedisClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The half of a cache that belongs to its service: loads, writes and invalidations of entries in
 * Redis that are never older than the last invalidation.
 *
 * <p>Each entry has a generation beside it. A load notes the generation before it reads PostgreSQL
 * and its result is stored only if the generation is still the same; an invalidation drops it, and
 * each new one is unique. So a slow reader cannot store what it read before somebody else's write.
 * One load per entry runs at a time in a process, and in all processes as long as Redis is there.
 * Used on one context, like its {@link RedisClient}.
 */
public final class EntryCache<K> {
  private static final Logger LOG = LoggerFactory.getLogger(EntryCache.class);

  /** How often entries that could not be dropped are tried again, in milliseconds. */
  private static final long RETRY_MILLIS = 1000;

  /** Entries of one read of many that may be loaded ahead of their end; each is one query. */
  private static final int REFRESHED_AT_ONCE = 20;

  private final Vertx vertx;
  private final Context context;
  private final Cache<K> cache;
  private final CacheSpec<K> spec;
  private final EntryStore store;
  private final EntryDrops drops;
  private final EntryDrops groupDrops;
  private final TruthAudit<K> audit;
  private final SharedTotals totals;
  private final EntryLoads<K> loads;

  /** The cache {@code spec} for the current context. */
  public EntryCache(Vertx vertx, RedisClient redis, Caches shared, CacheSpec<K> spec) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.spec = spec;
    this.cache = shared.declare(spec);
    this.store = new EntryStore(redis, cache, shared);
    this.loads = new EntryLoads<>(vertx, store, cache, shared.config());
    this.drops = new EntryDrops(vertx, shared.stale(), store::drop);
    this.groupDrops =
        new EntryDrops(vertx, shared.stale(), key -> store.dropGroup(spec.groups().get(0)));
    this.audit = new TruthAudit<>(vertx, spec, cache.figures());
    this.totals = new SharedTotals(redis, cache.figures());
    cache.servedBy(new OnContext());
    vertx.setPeriodic(
        RETRY_MILLIS,
        timer -> {
          dropStaleEntries();
          totals.share();
        });
  }

  /**
   * Loads an entry that was not found in the cache, and stores it. Of all processes that ask at
   * once one loads, and the others get what it stored.
   *
   * @return what the loader gave, also when Redis is away; a stale copy when PostgreSQL is away or
   *     slow, and if there is none the loader's failure, or TIMEOUT after the hard deadline
   */
  public Future<Loaded> load(K id) {
    return loads.load(id);
  }

  /**
   * Reads many: one MGET (several for more than 200), one call of the loader for what is missing,
   * one pipelined write. Does not wait for loads of other processes.
   *
   * @return one result an id, in the order given
   */
  public Future<Map<K, Loaded>> getAll(List<K> ids) {
    List<K> distinct = ids.stream().distinct().toList();
    List<String> keys = distinct.stream().map(spec.key()).toList();
    return store
        .readAll(keys)
        .compose(
            entries -> {
              Map<K, Loaded> found = new LinkedHashMap<>();
              List<K> missing = new ArrayList<>();
              int refreshes = REFRESHED_AT_ONCE;
              for (int i = 0; i < distinct.size(); i++) {
                Entry entry = counted(entries.get(i));
                found.put(distinct.get(i), entry == null ? null : entry.loaded(false));
                if (entry == null) {
                  missing.add(distinct.get(i));
                } else if (!entry.isNothing()) {
                  cache.auditSome(distinct.get(i), entry.json());
                  if (refreshes > 0 && cache.isDue(entry.cachedAt())) {
                    cache.refresh(distinct.get(i), keys.get(i));
                    refreshes--;
                  }
                }
              }
              return loads
                  .loadAll(missing)
                  .map(
                      loaded -> {
                        found.putAll(loaded);
                        return found;
                      });
            });
  }

  private Entry counted(Entry entry) {
    CacheOutcome outcome =
        entry == null
            ? CacheOutcome.MISS
            : entry.isNothing() ? CacheOutcome.NEGATIVE : CacheOutcome.HIT;
    cache.figures().read(outcome);
    return entry;
  }

  /**
   * Writes PostgreSQL, and then the entry before it is acknowledged. Of two writers at once neither
   * stores, because only the database knows which came last: the next reader loads.
   *
   * @param write changes PostgreSQL and gives the JSON object that stands there now, null for none
   * @param lateCommit how long after its deadline a statement may still be committed
   */
  public Future<Buffer> writeThrough(K id, Supplier<Future<Buffer>> write, Duration lateCommit) {
    return store
        .note(spec.key().apply(id))
        .compose(
            noted ->
                Future.succeededFuture()
                    .compose(begun -> write.get()) // a throw of the write stays inside
                    .transform(
                        outcome ->
                            outcome.succeeded()
                                ? replace(id, noted, outcome.result()).map(outcome.result())
                                : invalidateNowAndAfter(id, lateCommit)
                                    .compose(done -> Future.failedFuture(outcome.cause()))));
  }

  /** As {@link #invalidate}, with a value for the next reader where that is safe. */
  private Future<Void> replace(K id, Begun noted, Buffer value) {
    if (value == null || noted.generation() == null) {
      return invalidate(id);
    }
    String key = spec.key().apply(id);
    changed(key);
    return store
        .replace(key, noted.generation(), noted.groups(), value)
        .otherwise(false)
        .compose(
            replaced -> {
              if (!replaced) {
                return invalidate(id);
              }
              drops.done(key);
              return Future.succeededFuture();
            });
  }

  /**
   * Drops an entry, with a command that a server without free memory takes too; completes when it
   * is gone from Redis. A process that keeps it in memory hears of that a moment later. A link that
   * breaks is given a moment to come back; when Redis is away for longer this completes as well:
   * the entry is dropped as soon as Redis is back, and until then this process does not read it and
   * the others, which miss Redis too, read none.
   */
  public Future<Void> invalidate(K id) {
    return invalidateOrFail(id).otherwiseEmpty();
  }

  /** As {@link #invalidate}, but fails when Redis is away and the entry is yet to be dropped. */
  private Future<Void> invalidateOrFail(K id) {
    String key = spec.key().apply(id);
    changed(key);
    return drops.drop(key);
  }

  private void changed(String key) {
    loads.forget(key);
    drops.begin(key);
    cache.changed(key);
  }

  /**
   * Drops an entry now and once more after {@code wait}: for a write whose outcome is not known and
   * that may still be committed.
   */
  public Future<Void> invalidateNowAndAfter(K id, Duration wait) {
    vertx.setTimer(
        wait.toMillis(),
        timer -> invalidate(id).onFailure(t -> Trouble.warn(LOG, "entry not dropped", t)));
    return invalidate(id);
  }

  /**
   * Drops all entries of this cache in one step, and otherwise as {@link #invalidate} drops one:
   * when Redis is away, they are dropped as soon as it is back.
   */
  public Future<Void> invalidateAll() {
    String key = cache.groupKeys().get(0);
    loads.forgetAll();
    groupDrops.begin(key);
    return groupDrops.drop(key).otherwiseEmpty();
  }

  /** As {@link #invalidateNowAndAfter}, for all entries of this cache. */
  public Future<Void> invalidateAllNowAndAfter(Duration wait) {
    vertx.setTimer(
        wait.toMillis(),
        timer -> invalidateAll().onFailure(t -> Trouble.warn(LOG, "cache not dropped", t)));
    return invalidateAll();
  }

  /**
   * Drops all entries of a group of this cache in one step.
   *
   * @return fails with UNAVAILABLE when Redis is away, and then nothing was dropped
   */
  public Future<Void> invalidateGroup(String group) {
    loads.forgetAll();
    return store.dropGroup(group);
  }

  /** Drops what could not be dropped while Redis was away. */
  public void dropStaleEntries() {
    drops.again();
    groupDrops.again();
  }

  /** Brings what other event loops ask for to the context of the service. */
  private final class OnContext implements Cache.Service<K> {
    @Override
    public Future<Void> refresh(K id) {
      return there(() -> loads.refresh(id));
    }

    @Override
    public void audit(K id, Buffer served, Instant servedAt) {
      context.runOnContext(turn -> audit.compare(id, served, servedAt));
    }

    @Override
    public Future<Void> invalidate(K id) {
      return there(() -> invalidateOrFail(id));
    }

    @Override
    public Future<Void> invalidateGroup(String group) {
      return there(() -> EntryCache.this.invalidateGroup(group));
    }

    private Future<Void> there(Supplier<Future<Void>> work) {
      Promise<Void> done = Promise.promise();
      context.runOnContext(
          turn -> Future.succeededFuture().compose(begun -> work.get()).onComplete(done));
      return done.future();
    }
  }
}
