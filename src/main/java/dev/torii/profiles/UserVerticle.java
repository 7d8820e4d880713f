package dev.torii.profiles;

import dev.torii.bus.Bus;
import dev.torii.cache.CacheSpec;
import dev.torii.cache.Caches;
import dev.torii.cache.EntryCache;
import dev.torii.config.AppConfig;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Answers for users' own data on the bus. */
public final class UserVerticle extends VerticleBase {
  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final Caches caches;

  public UserVerticle(Bus bus, Database database, AppConfig config, Caches caches) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.caches = caches;
  }

  @Override
  public Future<?> start() {
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    var spec =
        CacheSpec.ofUsers(
            "profiles",
            Keys::profile,
            config.caches().profiles(),
            userIds -> ProfileService.load(database, userIds));
    var cache = new EntryCache<>(vertx, redis, caches, spec);
    var profiles = new ProfileService(database, cache, config.pg().statementTimeout());
    bus.answer(UserVerticle.class, ProfilesApi.GET, profiles::get);
    bus.answer(UserVerticle.class, ProfilesApi.UPDATE, profiles::update);
    bus.answer(UserVerticle.class, ProfilesApi.DROP_CACHED, profiles::dropCached);
    bus.listen(
        RedisApi.LINK_UP,
        link -> {
          if (link.areas().contains(Area.CACHE)) {
            caches.stale().distrustAll();
            cache.dropStaleEntries();
          }
        });
    return Future.succeededFuture();
  }
}
