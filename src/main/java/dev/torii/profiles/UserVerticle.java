package dev.torii.profiles;

import dev.torii.bus.Bus;
import dev.torii.cache.CacheSpec;
import dev.torii.cache.EntryCache;
import dev.torii.cache.StaleEntries;
import dev.torii.config.AppConfig;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.util.UUID;

/** Answers for users' own data on the bus. */
public final class UserVerticle extends VerticleBase {
  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final StaleEntries stale;
  private final MeterRegistry registry;

  public UserVerticle(
      Bus bus, Database database, AppConfig config, StaleEntries stale, MeterRegistry registry) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.stale = stale;
    this.registry = registry;
  }

  @Override
  public Future<?> start() {
    var clock = Clock.systemUTC();
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    var spec =
        new CacheSpec<UUID>(
            "profiles",
            Keys::profile,
            config.caches().profiles(),
            userIds -> ProfileService.load(database, userIds));
    var cache = new EntryCache<>(vertx, redis, stale, spec, config.cache(), clock, registry);
    var profiles = new ProfileService(database, cache, config.pg().statementTimeout());
    bus.answer(UserVerticle.class, ProfilesApi.GET, profiles::get);
    bus.answer(UserVerticle.class, ProfilesApi.UPDATE, profiles::update);
    bus.answer(UserVerticle.class, ProfilesApi.DROP_CACHED, profiles::dropCached);
    bus.listen(
        RedisApi.LINK_UP,
        link -> {
          if (link.areas().contains(Area.CACHE)) {
            stale.distrustAll();
            cache.dropStaleEntries();
          }
        });
    return Future.succeededFuture();
  }
}
