package dev.torii.gate;

import dev.torii.bus.Bus;
import dev.torii.cache.Caches;
import dev.torii.config.AppConfig;
import dev.torii.http.ClientAddress;
import dev.torii.http.Contract;
import dev.torii.http.ExchangeHandler;
import dev.torii.http.ProblemHandler;
import dev.torii.http.ReplyWriter;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.ratelimit.Rules;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Makes the router of one event loop: global handlers in order, then one module a feature. */
public final class RouteTable {
  private static final int[] REFUSALS_OF_THE_ROUTER = {400, 404, 405, 406, 413, 415, 500};

  private final AppConfig config;
  private final Contract contract;
  private final Authenticator authenticator;
  private final RateLimiter limiter;
  private final Caches caches;
  private final MeterRegistry registry;
  private final Bus bus;
  private final AtomicLong underWay = new AtomicLong();

  public RouteTable(
      AppConfig config,
      Contract contract,
      Authenticator authenticator,
      RateLimiter limiter,
      Caches caches,
      Bus bus,
      MeterRegistry registry) {
    this.config = config;
    this.contract = contract;
    this.authenticator = authenticator;
    this.limiter = limiter;
    this.caches = caches;
    this.bus = bus;
    this.registry = registry;
    Gauge.builder("torii.http.under.way", underWay, AtomicLong::get)
        .description("Requests that have no answer yet")
        .register(registry);
  }

  /**
   * A router for the current context.
   *
   * @param assets adds what is no operation of the contract, such as the pages' files; it is asked
   *     first, so that a file is no exchange and is not counted as one
   */
  public Router router(Vertx vertx, List<RouteModule> modules, Consumer<Router> assets) {
    var replies = new ReplyWriter(config.http(), registry, underWay);
    var problems = new ProblemHandler(replies);
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    var gate = new Gate(redis, authenticator, limiter, registry);
    var bodies = BodyHandler.create(false).setBodyLimit(config.http().maxBodyBytes());
    Router router = Router.router(vertx);
    assets.accept(router);
    router
        .route()
        .handler(new ExchangeHandler(new ClientAddress(config.http().trustedProxies()), underWay));
    var routes =
        new Routes(
            router,
            contract,
            gate,
            new Rules(config.limits()),
            caches,
            replies,
            problems,
            bodies,
            registry);
    modules.forEach(module -> module.mount(routes));
    routes.refuseOtherMethods();
    router.route().failureHandler(problems);
    for (int status : REFUSALS_OF_THE_ROUTER) {
      router.errorHandler(status, problems);
    }
    return router;
  }
}
