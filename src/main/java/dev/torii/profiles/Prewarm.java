package dev.torii.profiles;

import dev.torii.cache.EntryCache;
import dev.torii.config.CacheConfig;
import dev.torii.failure.Trouble;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the profiles of lately active users into the cache after the start, slowly enough to be in
 * nobody's way. What another process has loaded already is only looked at.
 */
final class Prewarm {
  private static final Logger LOG = LoggerFactory.getLogger(Prewarm.class);

  /** Profiles of one statement. */
  private static final int BATCH = 50;

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Vertx vertx;
  private final Database database;
  private final EntryCache<UUID> cache;
  private final CacheConfig config;
  private boolean begun;
  private boolean stopped;
  private int read;
  private int loaded;

  Prewarm(Vertx vertx, Database database, EntryCache<UUID> cache, CacheConfig config) {
    this.vertx = vertx;
    this.database = database;
    this.cache = cache;
    this.config = config;
  }

  /** Begins, once; what goes wrong ends it and harms nobody. */
  void start() {
    if (begun || stopped || config.prewarmProfiles() == 0) {
      return;
    }
    begun = true;
    database
        .run(
            db ->
                ProfileRepository.latelyActive(
                    db, config.prewarmActive(), config.prewarmProfiles()))
        .compose(this::warm)
        .onSuccess(done -> told())
        .onFailure(t -> LOG.info("The cache was not filled from the start: {}", Trouble.words(t)));
  }

  /** Of a new database there is nothing to say. */
  private void told() {
    if (read > 0) {
      LOG.info("Profiles in the cache from the start: {}, loaded: {}", read, loaded);
    }
  }

  void stop() {
    stopped = true;
  }

  private Future<Void> warm(List<UUID> userIds) {
    if (stopped || userIds.isEmpty()) {
      return Future.succeededFuture();
    }
    int size = Math.min(BATCH, userIds.size());
    return cache
        .getAll(userIds.subList(0, size))
        .compose(
            found -> {
              read += size;
              loaded += (int) found.values().stream().filter(one -> !one.cached()).count();
              List<UUID> rest = userIds.subList(size, userIds.size());
              return rest.isEmpty()
                  ? Future.succeededFuture()
                  : vertx.timer(PAUSE.toMillis()).compose(waited -> warm(rest));
            });
  }
}
