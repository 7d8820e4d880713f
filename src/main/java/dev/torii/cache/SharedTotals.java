package dev.torii.cache;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds what one cache counted to the totals that all processes share, now and then. */
final class SharedTotals {
  private static final Logger LOG = LoggerFactory.getLogger(SharedTotals.class);

  private final RedisClient redis;
  private final CacheFigures figures;
  private long hits;
  private long misses;

  SharedTotals(RedisClient redis, CacheFigures figures) {
    this.redis = redis;
    this.figures = figures;
  }

  /** Adds what was counted since the last time; lost when Redis is away. */
  void share() {
    long newHits = figures.hits() - hits;
    long newMisses = figures.misses() - misses;
    hits += newHits;
    misses += newMisses;
    add(Keys.CACHE_HITS, newHits)
        .eventually(() -> add(Keys.CACHE_MISSES, newMisses))
        .onFailure(t -> LOG.debug("figures not shared", t));
  }

  private Future<?> add(String key, long count) {
    return count == 0
        ? Future.succeededFuture()
        : redis.send(RedisCall.of(Area.CACHE, Command.INCRBY, key, count).once());
  }
}
