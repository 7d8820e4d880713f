package dev.torii.cache;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the entries of one cache are in Redis: keys, scripts, and the form of what is stored. */
final class EntryStore {
  private static final Logger LOG = LoggerFactory.getLogger(EntryStore.class);
  private static final LuaScript BEGIN = LuaScript.load("cache-begin");
  private static final LuaScript STORE = LuaScript.load("cache-store");
  private static final LuaScript REPLACE = LuaScript.load("cache-replace");
  private static final LuaScript RELEASE = LuaScript.load("cache-release");
  private static final LuaScript GROUP = LuaScript.load("cache-group");

  /** Life of a generation in seconds; far longer than any load may take. */
  private static final int GENERATION_SECONDS = 3600;

  /** Entries that one command asks for. */
  private static final int READ_AT_ONCE = 200;

  /** No token: the lock is left alone. */
  private static final String NO_LOCK = "";

  private final RedisClient redis;
  private final Cache<?> cache;
  private final Caches shared;
  private final SizeGuard sizes;

  EntryStore(RedisClient redis, Cache<?> cache, Caches shared) {
    this.redis = redis;
    this.cache = cache;
    this.shared = shared;
    this.sizes = new SizeGuard(cache.name(), cache.figures());
  }

  /**
   * What is known when a load begins.
   *
   * @param generation of the entry, null when Redis is away and nothing can be stored
   * @param groups generation of its groups
   * @param locked whether this process is the one that loads
   * @param entry what stands there by now, null for none
   */
  record Begun(String generation, String groups, boolean locked, Entry entry) {
    /** Redis is away: everybody loads. */
    static final Begun WITHOUT_REDIS = new Begun(null, null, true, null);
  }

  /** Reads many entries; null stands for what is not there, and for all when Redis is away. */
  Future<List<Entry>> readAll(List<String> keys) {
    if (!shared.breaker().allows()) {
      return Future.succeededFuture(Collections.nCopies(keys.size(), null));
    }
    List<RedisCall> wave = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += READ_AT_ONCE) {
      List<String> all = new ArrayList<>(cache.groupKeys());
      all.addAll(keys.subList(from, Math.min(keys.size(), from + READ_AT_ONCE)));
      wave.add(RedisCall.of(Area.CACHE, Command.MGET, all.toArray()));
    }
    return redis
        .wave(wave)
        .map(
            answers -> {
              shared.asked(answers);
              List<Entry> found = new ArrayList<>(keys.size());
              for (int i = 0; i < keys.size(); i++) {
                found.add(entry(keys.get(i), answers.get(i / READ_AT_ONCE), i % READ_AT_ONCE));
              }
              return found;
            });
  }

  /** The stale copy of an entry, null when there is none that may be served. */
  Future<Entry> staleCopy(String key) {
    if (cache.spec().options().stale().isZero() || cache.mayBeStale(key)) {
      return Future.succeededFuture();
    }
    return readAll(List.of(Keys.staleCopy(key)))
        .map(
            copies -> {
              Entry copy = copies.get(0);
              boolean none = copy == null || copy.isNothing() || cache.mayBeStale(key);
              return none ? null : copy;
            });
  }

  private Entry entry(String key, RedisResult answer, int index) {
    if (answer.failed() || answer.value() == null || cache.mayBeStale(key)) {
      return null;
    }
    Response stored = answer.value().get(cache.groupKeys().size() + index);
    return stored == null
        ? null
        : cache.entry(stored.toBuffer(), cache.generation(answer.value(), 0));
  }

  /** Begins the load of each entry and tries to get its lock; never fails. */
  Future<List<Begun>> begin(List<String> keys, String token) {
    if (!shared.breaker().allows()) {
      return Future.succeededFuture(Collections.nCopies(keys.size(), Begun.WITHOUT_REDIS));
    }
    List<RedisCall> wave = new ArrayList<>(groupCalls());
    for (String key : keys) {
      wave.add(beginCall(key, token));
      wave.add(RedisCall.of(Area.CACHE, Command.GET, Keys.compressedTwin(key)));
    }
    return redis
        .wave(wave)
        .map(
            answers -> {
              shared.asked(answers);
              String groups = groups(answers);
              List<Begun> begun = new ArrayList<>(keys.size());
              for (int i = 0; i < keys.size(); i++) {
                int at = cache.groupKeys().size() + 2 * i;
                begun.add(begun(keys.get(i), groups, answers.get(at), answers.get(at + 1)));
              }
              return begun;
            });
  }

  private RedisCall beginCall(String key, String token) {
    return RedisCall.script(
        Area.CACHE,
        BEGIN,
        List.of(Keys.generation(key), Keys.loadLock(key), key),
        unique(),
        GENERATION_SECONDS,
        token,
        shared.config().loadHard().toMillis());
  }

  private List<RedisCall> groupCalls() {
    return cache.groupKeys().stream()
        .map(group -> RedisCall.script(Area.CACHE, GROUP, List.of(group), 0))
        .toList();
  }

  /** The generation of the groups, null when it is not known. */
  private String groups(List<RedisResult> answers) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < cache.groupKeys().size(); i++) {
      RedisResult answer = answers.get(i);
      if (answer.failed() || answer.value() == null) {
        return null;
      }
      all.add(answer.value().toString());
    }
    return String.join(".", all);
  }

  private Begun begun(String key, String groups, RedisResult begin, RedisResult twin) {
    if (groups == null || begin.failed() || begin.value() == null) {
      return Begun.WITHOUT_REDIS;
    }
    boolean trusted = !cache.mayBeStale(key);
    boolean locked = begin.value().get(1).toInteger() == 1 || !trusted; // nobody to wait for
    Entry entry = null;
    if (trusted) {
      Response stored = begin.value().get(2);
      if (stored == null && !twin.failed()) {
        stored = twin.value();
      }
      entry = stored == null ? null : cache.entry(stored.toBuffer(), groups);
    }
    return new Begun(begin.value().get(0).toString(), groups, locked, entry);
  }

  /** The generations before a write, without the lock of a load; never fails. */
  Future<Begun> note(String key) {
    return begin(List.of(key), NO_LOCK).map(all -> all.get(0));
  }

  /** Stores what a load brought if it is still current, and gives the lock back in any case. */
  void store(String key, Begun begun, String token, Buffer value) {
    if (begun.generation() == null) {
      return;
    }
    Buffer entry = stored(value, begun.groups());
    if (entry == null || shared.stale().contains(key)) {
      release(key, token);
      return;
    }
    long life = life(value);
    redis
        .send(
            RedisCall.script(
                Area.CACHE,
                STORE,
                keys(key),
                begun.generation(),
                token,
                entry,
                life,
                staleLife(value, life)))
        .onSuccess(
            stored -> {
              if (stored.toInteger() == 0) {
                cache.figures().load(CacheFigures.Load.OUTDATED);
              }
            })
        .onFailure(t -> LOG.debug("entry not stored", t));
  }

  /** Gives the lock of a load back that brought nothing. */
  void release(String key, String token) {
    redis
        .send(RedisCall.script(Area.CACHE, RELEASE, List.of(Keys.loadLock(key)), token))
        .onFailure(t -> LOG.debug("lock not released, its lease ends soon", t));
  }

  /**
   * Makes a written value the entry.
   *
   * @param before the generation that was noted before the write
   * @param groups generation of its groups
   * @return false when the value is too large to be stored, and nothing was done
   */
  Future<Boolean> replace(String key, String before, String groups, Buffer value) {
    Buffer entry = stored(value, groups);
    if (entry == null) {
      return Future.succeededFuture(false);
    }
    long life = life(value);
    RedisCall replace =
        RedisCall.script(
            Area.CACHE,
            REPLACE,
            keys(key),
            before,
            unique(),
            GENERATION_SECONDS,
            entry,
            life,
            staleLife(value, life));
    return redis
        .wave(List.of(replace, dropTwin(key)))
        .compose(RedisResult::requireAll)
        .onComplete(done -> cache.changed(key))
        .map(done -> true);
  }

  /** Removes all that Redis has of an entry. */
  Future<Void> drop(String key) {
    return redis
        .wave(List.of(RedisCall.of(Area.CACHE, Command.DEL, keys(key).toArray()), dropTwin(key)))
        .compose(RedisResult::requireAll)
        .onComplete(done -> cache.changed(key));
  }

  private static RedisCall dropTwin(String key) {
    return RedisCall.of(Area.CACHE, Command.DEL, Keys.compressedTwin(key));
  }

  /** Begins the next generation of a group, so that each of its entries is a miss. */
  Future<Void> dropGroup(String group) {
    shared.groupChanged(group);
    return redis
        .send(RedisCall.script(Area.CACHE, GROUP, List.of(Keys.groupGeneration(group)), 1))
        .onComplete(done -> shared.groupChanged(group))
        .mapEmpty();
  }

  /** What stands in Redis for a value, null when that is too large. */
  private Buffer stored(Buffer value, String groups) {
    Buffer entry = EntryForm.stamped(value, shared.clock().instant(), groups);
    int above = shared.config().compressAboveBytes();
    boolean compress = above > 0 && entry.length() >= above && Gzip.opens(entry.length());
    Buffer stored = compress ? Gzip.smaller(entry) : entry;
    return sizes.admits(stored.length()) ? stored : null;
  }

  private long life(Buffer value) {
    var options = cache.spec().options();
    return withJitter(value == null ? options.negativeTtl() : options.ttl());
  }

  private long staleLife(Buffer value, long life) {
    Duration stale = cache.spec().options().stale();
    return value == null || stale.isZero() ? 0 : life + stale.toMillis();
  }

  private long withJitter(Duration life) {
    long millis = life.toMillis();
    long range = millis * shared.config().jitterPercent() / 100;
    return millis - range + ThreadLocalRandom.current().nextLong(2 * range + 1);
  }

  private static List<String> keys(String key) {
    return List.of(Keys.generation(key), Keys.loadLock(key), key, Keys.staleCopy(key));
  }

  static String unique() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
  }
}
