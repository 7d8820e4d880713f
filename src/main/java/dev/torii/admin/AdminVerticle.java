package dev.torii.admin;

import dev.torii.bus.Bus;
import dev.torii.cache.Caches;
import dev.torii.config.AppConfig;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.ratelimit.Rules;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.Subscribe;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.time.Duration;

/** Answers operators on the bus, and hears what operators told other processes. */
public final class AdminVerticle extends VerticleBase {
  /** How often entries that are older than the retention are looked for. */
  private static final Duration PURGE_EVERY = Duration.ofMinutes(1);

  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final RateLimiter limiter;
  private final Clock clock;
  private final Caches caches;

  public AdminVerticle(
      Bus bus,
      Database database,
      AppConfig config,
      RateLimiter limiter,
      Clock clock,
      Caches caches) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.limiter = limiter;
    this.clock = clock;
    this.caches = caches;
  }

  @Override
  public Future<?> start() {
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    var service = new AdminService(bus, database, redis, limiter, new Rules(config.limits()));
    bus.answer(AdminVerticle.class, AdminApi.LIMIT_STATE, service::limitState);
    bus.answer(AdminVerticle.class, AdminApi.RESET_LIMIT, service::resetLimit);
    bus.answer(AdminVerticle.class, AdminApi.DROP_CACHED_PROFILE, service::dropCachedProfile);
    var cacheService = new CacheService(caches, database, redis);
    bus.answer(AdminVerticle.class, CachesApi.FIGURES, cacheService::figures);
    bus.answer(AdminVerticle.class, CachesApi.RESET, cacheService::reset);
    bus.answer(AdminVerticle.class, CachesApi.DROP_GROUP, cacheService::dropGroup);
    bus.answer(AdminVerticle.class, CachesApi.DROP_ENTRY, cacheService::dropEntry);
    bus.answer(AdminVerticle.class, CachesApi.DROP_USER, cacheService::dropUser);
    var audit = new AuditService(database, config.audit().retention(), clock);
    bus.answer(AdminVerticle.class, AdminApi.FIND_AUDIT, audit::find);
    vertx.setPeriodic(0, PURGE_EVERY.toMillis(), timer -> audit.purge());
    bus.listen(
        RedisApi.MESSAGE,
        message -> {
          if (message.channel().equals(Keys.LIMITS_RESET)) {
            service.forget(message.body());
          }
        });
    return bus.ask(RedisApi.SUBSCRIBE, new Subscribe(Keys.LIMITS_RESET));
  }
}
