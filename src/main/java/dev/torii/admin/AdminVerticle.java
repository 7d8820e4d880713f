package dev.torii.admin;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.ratelimit.Rules;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.Subscribe;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Answers operators on the bus, and hears what operators told other processes. */
public final class AdminVerticle extends VerticleBase {
  private final Bus bus;
  private final AppConfig config;
  private final RateLimiter limiter;

  public AdminVerticle(Bus bus, AppConfig config, RateLimiter limiter) {
    this.bus = bus;
    this.config = config;
    this.limiter = limiter;
  }

  @Override
  public Future<?> start() {
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    var service = new AdminService(redis, limiter, new Rules(config.limits()));
    bus.answer(AdminVerticle.class, AdminApi.LIMIT_STATE, service::limitState);
    bus.answer(AdminVerticle.class, AdminApi.RESET_LIMIT, service::resetLimit);
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
