package dev.torii.cache;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The locks that let one process of all load an entry. Their lease is shorter than a load may take,
 * so that those who wait for a dead process still have time to load themselves; a living one renews
 * it.
 */
final class LoadLocks {
  private static final Logger LOG = LoggerFactory.getLogger(LoadLocks.class);
  private static final LuaScript RENEW = LuaScript.load("cache-renew");
  private static final LuaScript RELEASE = LuaScript.load("cache-release");

  private final RedisClient redis;
  private final Duration longestLoad;

  /**
   * @param longestLoad after which a load counts as hanging, and its lock is left to its end
   */
  LoadLocks(RedisClient redis, Duration longestLoad) {
    this.redis = redis;
    this.longestLoad = longestLoad;
  }

  /** How long a lock lasts that nobody renews. */
  long leaseMillis() {
    return Math.max(3, longestLoad.toMillis() * 2 / 3);
  }

  /** Renews the locks of entries until their {@code load} has ended or hangs. */
  void holdDuring(Future<?> load, Vertx vertx, List<String> keys, String token) {
    if (keys.isEmpty()) {
      return;
    }
    long giveUpNanos = System.nanoTime() + longestLoad.toNanos();
    long timer =
        vertx.setPeriodic(
            leaseMillis() / 3,
            id -> {
              if (System.nanoTime() - giveUpNanos < 0) {
                renew(keys, token);
              } else {
                vertx.cancelTimer(id);
              }
            });
    load.onComplete(ended -> vertx.cancelTimer(timer));
  }

  private void renew(List<String> keys, String token) {
    redis
        .wave(keys.stream().map(key -> renewal(key, token)).toList())
        .compose(RedisResult::requireAll)
        .onFailure(t -> LOG.debug("locks not renewed", t));
  }

  private RedisCall renewal(String key, String token) {
    return RedisCall.script(Area.CACHE, RENEW, List.of(Keys.loadLock(key)), token, leaseMillis());
  }

  /** Gives the lock of a load back that brought nothing. */
  void release(String key, String token) {
    redis
        .send(RedisCall.script(Area.CACHE, RELEASE, List.of(Keys.loadLock(key)), token))
        .onFailure(t -> LOG.debug("lock not released, its lease ends soon", t));
  }
}
