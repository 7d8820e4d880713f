package dev.torii.cache;

import dev.torii.cache.CacheFigures.Load;
import dev.torii.cache.EntryStore.Begun;
import dev.torii.config.CacheConfig;
import dev.torii.http.CacheOutcome;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The loads of one cache: one at a time for each entry in this process, and one in all processes as
 * long as Redis is there.
 *
 * <p>A reader may come after a write that another process has acknowledged, while a load is under
 * way here that began before it. So it does not share that load but the next one, which begins when
 * the one under way has ended, and as a rule finds in Redis what that has stored there.
 */
final class EntryLoads<K> {
  /** Least time between two refreshes of one entry, in milliseconds. */
  private static final long REFRESH_PAUSE_MILLIS = 1000;

  /** First pause of those who wait for another process's load; doubled each time. */
  private static final long FIRST_LOOK_MILLIS = 20;

  /** Longest of these pauses. */
  private static final long LONGEST_PAUSE_MILLIS = 100;

  /** Part of the hard deadline that is left to those who waited in vain, to load themselves. */
  private static final int LEFT_TO_LOAD = 8;

  private final Vertx vertx;
  private final EntryStore store;
  private final Cache<K> cache;
  private final CacheSpec<K> spec;
  private final CacheConfig deadlines;
  private final Map<String, Running> loading = new HashMap<>();

  EntryLoads(Vertx vertx, EntryStore store, Cache<K> cache, CacheConfig deadlines) {
    this.vertx = vertx;
    this.store = store;
    this.cache = cache;
    this.spec = cache.spec();
    this.deadlines = deadlines;
  }

  /** A load under way. */
  private static final class Running {
    final Future<Loaded> load;
    final long begunNanos = System.nanoTime();

    /** The load that begins when this one has ended; null until somebody waits for it. */
    Future<Loaded> next;

    Running(Future<Loaded> load) {
      this.load = load;
    }

    Duration age() {
      return Duration.ofNanos(System.nanoTime() - begunNanos);
    }
  }

  Future<Loaded> load(K id) {
    String key = spec.key().apply(id);
    Running running = underWay(key);
    return running == null
        ? answer(key, begin(key, fetch(id, key, Load.AWAITED)), Duration.ZERO)
        : answer(key, next(id, key, running), running.age());
  }

  /** The load that those who come now must wait for; null when there is none, or it hangs. */
  private Running underWay(String key) {
    Running running = loading.get(key);
    boolean hangs = running != null && running.age().compareTo(deadlines.loadHard()) > 0;
    return hangs ? null : running;
  }

  private Future<Loaded> begin(String key, Future<Loaded> load) {
    var running = new Running(load);
    loading.put(key, running);
    load.onComplete(done -> loading.remove(key, running));
    return load;
  }

  /** A load that begins after now, for all who come while {@code running} is under way. */
  private Future<Loaded> next(K id, String key, Running running) {
    cache.figures().load(Load.COALESCED);
    if (running.next == null) {
      running.next =
          running.load.compose(
              ended -> {
                // begun by a reader after a write, and so after all who wait here
                Running later = loading.get(key);
                return later == null ? begin(key, fetch(id, key, Load.COALESCED)) : later.load;
              });
    }
    return running.next;
  }

  /**
   * What one reader gets.
   *
   * @param waited how long others have waited already
   */
  private Future<Loaded> answer(String key, Future<Loaded> load, Duration waited) {
    return new Flight(vertx, deadlines, () -> store.staleCopy(key))
        .carrying(load, waited)
        .answer()
        .onSuccess(
            loaded -> {
              if (loaded.stale()) {
                cache.figures().read(CacheOutcome.STALE);
              }
            });
  }

  /**
   * Loads, or waits for the process that does: until its entry or the end of its lock, and no
   * longer than leaves time to load here too.
   *
   * @param found how it counts when the entry is there by now
   */
  private Future<Loaded> fetch(K id, String key, Load found) {
    Duration hard = deadlines.loadHard();
    long waitUntil = System.nanoTime() + hard.minus(hard.dividedBy(LEFT_TO_LOAD)).toNanos();
    return fetch(id, key, found, waitUntil, FIRST_LOOK_MILLIS);
  }

  private Future<Loaded> fetch(K id, String key, Load found, long waitUntil, long pauseMillis) {
    String token = EntryStore.unique();
    return store
        .begin(List.of(key), token)
        .compose(
            all -> {
              Begun begun = all.get(0);
              if (begun.entry() != null) {
                if (begun.locked()) {
                  store.locks().release(key, token);
                }
                if (found == Load.AWAITED) { // who shares a load was counted when it came
                  cache.figures().load(found);
                }
                return Future.succeededFuture(begun.entry().loaded(false));
              }
              long leftMillis = (waitUntil - System.nanoTime()) / 1_000_000;
              if (begun.locked() || leftMillis <= 0) {
                return source(id, key, begun, token, Load.LOADED);
              }
              return vertx
                  .timer(Math.min(pauseMillis, leftMillis + 1))
                  .compose(waited -> fetch(id, key, found, waitUntil, nextPause(pauseMillis)));
            });
  }

  private static long nextPause(long pauseMillis) {
    return Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
  }

  private Future<Loaded> source(K id, String key, Begun begun, String token, Load as) {
    Future<Map<K, Buffer>> load = source(List.of(id), as);
    store.locks().holdDuring(load, vertx, held(List.of(key), List.of(begun)), token);
    return load.map(found -> found.get(id))
        .onSuccess(value -> store.store(key, begun, token, value))
        .onFailure(t -> store.locks().release(key, token))
        .map(Loaded::fresh);
  }

  private Future<Map<K, Buffer>> source(List<K> ids, Load as) {
    Timer.Sample sample = Timer.start();
    ids.forEach(id -> cache.figures().load(as));
    return Future.succeededFuture(ids)
        .compose(asked -> spec.loader().apply(asked)) // a throw in the loader stays inside
        .onFailure(t -> ids.forEach(id -> cache.figures().load(Load.FAILED)))
        .onComplete(done -> sample.stop(cache.figures().loadTime()));
  }

  /** Loads many with one call of the loader. */
  Future<Map<K, Loaded>> loadAll(List<K> ids) {
    Map<K, Future<Loaded>> parts = new LinkedHashMap<>();
    Map<K, Promise<Loaded>> own = new LinkedHashMap<>();
    for (K id : ids) {
      String key = spec.key().apply(id);
      Running running = underWay(key);
      if (running != null) {
        parts.put(id, answer(key, next(id, key, running), running.age()));
      } else {
        Promise<Loaded> load = Promise.promise();
        own.put(id, load);
        parts.put(id, answer(key, begin(key, load.future()), Duration.ZERO));
      }
    }
    if (!own.isEmpty()) {
      fetchAll(own);
    }
    return Future.join(List.copyOf(parts.values()))
        .map(
            done -> {
              Map<K, Loaded> loaded = new HashMap<>();
              parts.forEach((id, part) -> loaded.put(id, part.result()));
              return loaded;
            });
  }

  private void fetchAll(Map<K, Promise<Loaded>> own) {
    List<K> ids = List.copyOf(own.keySet());
    List<String> keys = ids.stream().map(spec.key()).toList();
    String token = EntryStore.unique();
    store
        .begin(keys, token)
        .compose(
            begun -> {
              Future<Map<K, Buffer>> load = source(ids, Load.LOADED);
              store.locks().holdDuring(load, vertx, held(keys, begun), token);
              return load.onFailure(t -> keys.forEach(key -> store.locks().release(key, token)))
                  .onSuccess(
                      found -> {
                        for (int i = 0; i < keys.size(); i++) {
                          Buffer value = found.get(ids.get(i));
                          store.store(keys.get(i), begun.get(i), token, value);
                        }
                      });
            })
        .onSuccess(found -> own.forEach((id, load) -> load.complete(Loaded.fresh(found.get(id)))))
        .onFailure(t -> own.values().forEach(load -> load.fail(t)));
  }

  /** Those of which this process has the lock in Redis. */
  private static List<String> held(List<String> keys, List<Begun> begun) {
    return IntStream.range(0, keys.size())
        .filter(i -> begun.get(i).locked() && begun.get(i).generation() != null)
        .mapToObj(keys::get)
        .toList();
  }

  /** Loads an entry again ahead of its end, in one process of all. */
  Future<Void> refresh(K id) {
    String key = spec.key().apply(id);
    if (loading.containsKey(key)) {
      return Future.succeededFuture();
    }
    String token = EntryStore.unique();
    return store
        .begin(List.of(key), token)
        .compose(
            all ->
                isStillDue(key, all.get(0), token)
                    ? source(id, key, all.get(0), token, Load.REFRESHED)
                    : Future.succeededFuture())
        .otherwiseEmpty()
        .compose(done -> vertx.timer(REFRESH_PAUSE_MILLIS))
        .mapEmpty();
  }

  /** Whether nobody loads it now, and nobody has since it was read. */
  private boolean isStillDue(String key, Begun begun, String token) {
    if (!begun.locked() || begun.generation() == null) {
      return false;
    }
    boolean due = begun.entry() == null || cache.isDue(begun.entry().cachedAt());
    if (!due) {
      store.locks().release(key, token);
    }
    return due;
  }

  /** A load under way began before a write, so later readers need not wait for its end. */
  void forget(String key) {
    loading.remove(key);
  }

  void forgetAll() {
    loading.clear();
  }
}
