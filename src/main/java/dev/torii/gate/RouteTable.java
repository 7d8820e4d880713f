package dev.torii.gate;

import dev.torii.bus.Bus;
import dev.torii.cache.Caches;
import dev.torii.config.AppConfig;
import dev.torii.http.ClientAddress;
import dev.torii.http.Contract;
import dev.torii.http.ExchangeHandler;
import dev.torii.http.ProblemHandler;
import dev.torii.http.ReplyWriter;
import dev.torii.http.UploadDirectory;
import dev.torii.http.UploadReader;
import dev.torii.http.UploadSlots;
import dev.torii.ratelimit.DecisionLog;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.RateLimiter;
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
  private final LiveRules rules;
  private final DecisionLog decisions;
  private final Caches caches;
  private final MeterRegistry registry;
  private final Bus bus;
  private final UploadDirectory uploads;
  private final UploadSlots uploadSlots;
  private final LimitedRoutes limitedRoutes = new LimitedRoutes();
  private final AtomicLong underWay = new AtomicLong();

  public RouteTable(
      AppConfig config,
      Contract contract,
      Authenticator authenticator,
      RateLimiter limiter,
      LiveRules rules,
      DecisionLog decisions,
      Caches caches,
      Bus bus,
      UploadDirectory uploads,
      MeterRegistry registry) {
    this.config = config;
    this.contract = contract;
    this.authenticator = authenticator;
    this.limiter = limiter;
    this.rules = rules;
    this.decisions = decisions;
    this.caches = caches;
    this.bus = bus;
    this.uploads = uploads;
    this.uploadSlots =
        new UploadSlots(config.http().maxUploads(), config.http().maxUploadsPerAddress());
    this.registry = registry;
    Gauge.builder("torii.http.under.way", underWay, AtomicLong::get)
        .description("Requests that have no answer yet")
        .register(registry);
    Gauge.builder("torii.http.uploads.under.way", uploadSlots, UploadSlots::underWay)
        .description("Files that are received or worked on")
        .register(registry);
  }

  /** What the routes name; complete when a router was made. */
  public LimitedRoutes limitedRoutes() {
    return limitedRoutes;
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
    var limits = new LimitCheck(limiter, redis, bus, decisions::add);
    var gate = new Gate(redis, authenticator, limits, registry);
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
            rules,
            limitedRoutes,
            caches,
            replies,
            problems,
            bodies,
            new UploadReader(vertx, uploads, uploadSlots, config.http().uploadTimeout()),
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
