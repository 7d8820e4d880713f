package dev.torii.admin;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.admin.LimitSupportApi.Explanation;
import dev.torii.bus.Bus;
import dev.torii.cache.Caches;
import dev.torii.config.AppConfig;
import dev.torii.gate.LimitedRoutes;
import dev.torii.http.ClientAddress;
import dev.torii.postgres.Database;
import dev.torii.ratelimit.DecisionFinder;
import dev.torii.ratelimit.DecisionLog;
import dev.torii.ratelimit.LimitOverrides;
import dev.torii.ratelimit.LimitsApi;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.OverrideFollower;
import dev.torii.ratelimit.OverrideStore;
import dev.torii.ratelimit.RateLimiter;
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
  private final LiveRules rules;
  private final LimitedRoutes routes;
  private final LimitOverrides overrides;
  private final DecisionLog decisions;
  private final Clock clock;
  private final Caches caches;
  private OverrideFollower follower;

  public AdminVerticle(
      Bus bus,
      Database database,
      AppConfig config,
      RateLimiter limiter,
      LiveRules rules,
      LimitedRoutes routes,
      LimitOverrides overrides,
      DecisionLog decisions,
      Caches caches,
      Clock clock) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.limiter = limiter;
    this.rules = rules;
    this.routes = routes;
    this.overrides = overrides;
    this.decisions = decisions;
    this.clock = clock;
    this.caches = caches;
  }

  @Override
  public Future<?> start() {
    var service = new AdminService(bus, database);
    bus.answer(AdminVerticle.class, AdminApi.RELOAD_LIMITS, service::reloadLimits);
    answerForCaches();
    var audit = new AuditService(database, config.audit().retention(), clock);
    bus.answer(AdminVerticle.class, AdminApi.FIND_AUDIT, audit::find);
    vertx.setPeriodic(0, PURGE_EVERY.toMillis(), timer -> audit.purge());
    return startLimits();
  }

  @Override
  public Future<?> stop() {
    if (follower != null) {
      follower.stop();
    }
    return Future.succeededFuture();
  }

  private void answerForCaches() {
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    var service = new CacheService(caches, database, redis);
    bus.answer(AdminVerticle.class, CachesApi.FIGURES, service::figures);
    bus.answer(AdminVerticle.class, CachesApi.RESET, service::reset);
    bus.answer(AdminVerticle.class, CachesApi.DROP_GROUP, service::dropGroup);
    bus.answer(AdminVerticle.class, CachesApi.DROP_ENTRY, service::dropEntry);
    bus.answer(AdminVerticle.class, CachesApi.DROP_USER, service::dropUser);
  }

  private Future<?> startLimits() {
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    follower = new OverrideFollower(vertx, database, overrides, clock);
    var store = new OverrideStore(database, redis, follower, clock);
    var named = new NamedRules(rules, routes);
    var limits = new LimitService(database, redis, limiter, named, overrides, store, clock);
    bus.answer(AdminVerticle.class, LimitSupportApi.STATE, limits::state);
    bus.answer(AdminVerticle.class, LimitSupportApi.STATES, limits::states);
    bus.answer(AdminVerticle.class, LimitSupportApi.RESET, limits::reset);
    bus.answer(AdminVerticle.class, LimitSupportApi.REWARD, limits::reward);
    bus.answer(AdminVerticle.class, LimitSupportApi.SET_OVERRIDE, limits::setOverride);
    bus.answer(AdminVerticle.class, LimitSupportApi.REMOVE_OVERRIDE, limits::removeOverride);
    bus.answer(AdminVerticle.class, LimitSupportApi.LIST_OVERRIDES, limits::listOverrides);
    bus.answer(AdminVerticle.class, LimitSupportApi.SIMULATE, limits::simulate);
    var addresses = new ClientAddress(config.http().trustedProxies());
    var finder = new DecisionFinder(vertx, redis, decisions, addresses);
    bus.answer(
        AdminVerticle.class,
        LimitSupportApi.EXPLAIN,
        question -> finder.find(question.id(), question.reader()).map(Explanation::new));
    var news = new LimitNews(bus, LimitTopics.feed(config.live()), clock, Ticker.systemTicker());
    bus.listen(LimitsApi.NEAR_LIMIT, news::tell);
    bus.listen(RedisApi.MESSAGE, finder::onMessage);
    bus.listen(RedisApi.MESSAGE, follower::onMessage);
    bus.listen(RedisApi.RESUBSCRIBED, event -> follower.onResubscribed());
    bus.listen(
        RedisApi.MESSAGE,
        message -> {
          if (message.channel().equals(Keys.LIMITS_RESET)) {
            limits.forget(message.body());
          }
        });
    return follower
        .start()
        .compose(known -> bus.ask(RedisApi.SUBSCRIBE, new Subscribe(Keys.OVERRIDES_BELL)))
        .compose(heard -> bus.ask(RedisApi.SUBSCRIBE, new Subscribe(finder.channel())))
        .compose(heard -> bus.ask(RedisApi.SUBSCRIBE, new Subscribe(Keys.LIMITS_RESET)));
  }
}
