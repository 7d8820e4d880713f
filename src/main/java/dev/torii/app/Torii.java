package dev.torii.app;

import dev.torii.admin.AdminTokenRoutes;
import dev.torii.admin.AdminUserRoutes;
import dev.torii.admin.AdminVerticle;
import dev.torii.admin.ApiKeyRoutes;
import dev.torii.admin.AuditRoutes;
import dev.torii.admin.CacheRoutes;
import dev.torii.admin.DecisionRoutes;
import dev.torii.admin.KeyRoutes;
import dev.torii.admin.LimitRoutes;
import dev.torii.admin.LimitRuleRoutes;
import dev.torii.admin.LimitTopics;
import dev.torii.admin.OverrideRoutes;
import dev.torii.admin.SimulationRoutes;
import dev.torii.auth.AuthModule;
import dev.torii.bus.Bus;
import dev.torii.cache.Caches;
import dev.torii.cache.StaleEntries;
import dev.torii.catalog.CatalogRoutes;
import dev.torii.catalog.CatalogVerticle;
import dev.torii.catalog.StockModule;
import dev.torii.catalog.StockRoutes;
import dev.torii.config.AppConfig;
import dev.torii.config.ConfigSchema;
import dev.torii.config.DecisionsConfig;
import dev.torii.config.RedisConfig;
import dev.torii.documents.DocumentsModule;
import dev.torii.gate.LimitedRoutes;
import dev.torii.gate.RouteModule;
import dev.torii.gate.RouteTable;
import dev.torii.http.Contract;
import dev.torii.http.HttpVerticle;
import dev.torii.http.UploadDirectory;
import dev.torii.images.ImagesModule;
import dev.torii.jobs.JobsModule;
import dev.torii.ops.DocsRoutes;
import dev.torii.ops.HealthRoutes;
import dev.torii.ops.LivePageRoutes;
import dev.torii.ops.Metrics;
import dev.torii.ops.MetricsRoutes;
import dev.torii.ops.Readiness;
import dev.torii.postgres.Database;
import dev.torii.profiles.DocumentRoutes;
import dev.torii.profiles.ProfileRoutes;
import dev.torii.profiles.ProfilesApi;
import dev.torii.profiles.ProfilesApi.WarmUp;
import dev.torii.profiles.UserVerticle;
import dev.torii.ratelimit.DecisionLog;
import dev.torii.ratelimit.DenyMemory;
import dev.torii.ratelimit.LimitOverrides;
import dev.torii.ratelimit.LimitsApi;
import dev.torii.ratelimit.LimitsApi.ReloadRules;
import dev.torii.ratelimit.LimitsVerticle;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.Processes;
import dev.torii.ratelimit.RateLimiter;
import dev.torii.ratelimit.RuleRoutes;
import dev.torii.ratelimit.RuleSource;
import dev.torii.ratelimit.RuleSource.Reading;
import dev.torii.ratelimit.Rules;
import dev.torii.realtime.LiveRoutes;
import dev.torii.realtime.RealtimeVerticle;
import dev.torii.realtime.TopicKind;
import dev.torii.redis.RedisServers;
import dev.torii.redis.RedisVerticle;
import dev.torii.schedules.SchedulesModule;
import dev.torii.writebehind.WriteBehind;
import dev.torii.writebehind.WriteBehindVerticle;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts put together: services behind the bus first, then HTTP; stopped the other way round.
 */
final class Torii {
  private static final Logger LOG = LoggerFactory.getLogger(Torii.class);

  private final Vertx vertx;
  private final AppConfig config;
  private final Bus bus;
  private final Readiness readiness = new Readiness();
  private final Deque<String> deployed = new ArrayDeque<>();
  private final PrometheusMeterRegistry registry;
  private final Database database;
  private final UploadDirectory uploads;
  private LiveRoutes live;
  private int port;

  /**
   * @param config in which every server has an address
   */
  Torii(Vertx vertx, AppConfig config, String version) {
    this.vertx = vertx;
    this.config = config;
    this.bus = Bus.install(vertx, config.bus().timeout());
    this.registry = Metrics.create(version);
    this.uploads = new UploadDirectory(config.http().uploadDir());
    this.database = new Database(vertx, config.pg().uri(), config.pg(), registry);
  }

  /** Completes when requests are served; the database must have its schema. */
  Future<Void> start(Contract contract, RuleSource source) {
    database.starting();
    RuleRoutes.warnings(config.limits(), ConfigSchema.builtInRules(), contract).forEach(LOG::warn);
    var stale = new StaleEntries(distrust(config.redis()));
    var clock = Clock.systemUTC();
    var caches = new Caches(config.cache(), stale, clock, registry);
    var overrides = new LimitOverrides(clock);
    DecisionsConfig kept = config.decisions();
    var decisions = new DecisionLog(kept.admitted(), kept.refused(), kept.keep(), clock);
    var processes = new Processes();
    var rules = new LiveRules(new Rules(config.limits()));
    var limiter = new RateLimiter(new DenyMemory(), clock, overrides, processes);
    var writes =
        new WriteBehind(config.writeBehind(), config.redis().commandTimeout(), database, registry);
    var auth = AuthModule.create(bus, database, writes, config, rules, registry, clock);
    var stock = new StockModule(bus, database, config, registry);
    var documents = new DocumentsModule(bus, database, config, registry);
    var images = new ImagesModule(bus, database, config, registry);
    var handlers = new ArrayList<>(documents.handlers());
    handlers.addAll(images.handlers());
    var jobs = new JobsModule(bus, database, config, registry, clock, handlers);
    var schedules = new SchedulesModule(bus, database, config);
    List<TopicKind> topics = new ArrayList<>(jobs.topics());
    topics.addAll(List.of(stock.topics(), new LimitTopics(config.live())));
    var table =
        new RouteTable(
            config,
            contract,
            auth.authenticator(),
            limiter,
            rules,
            decisions,
            caches,
            bus,
            uploads,
            registry);
    live = new LiveRoutes(bus, config, auth.authenticator(), topics, clock, registry);
    var docs = new DocsRoutes(contract);
    var livePage = new LivePageRoutes();
    List<RouteModule> modules = new ArrayList<>(jobs.routes());
    List.of(schedules.routes(), documents.routes(), images.routes()).forEach(modules::addAll);
    modules.addAll(
        List.of(
            new HealthRoutes(bus, database, readiness),
            new ProfileRoutes(bus),
            new DocumentRoutes(bus),
            new CatalogRoutes(bus),
            new StockRoutes(bus),
            auth.routes(),
            auth.oauthRoutes(),
            new LimitRoutes(bus),
            new DecisionRoutes(bus),
            new OverrideRoutes(bus),
            new SimulationRoutes(bus),
            new LimitRuleRoutes(bus, rules, table.limitedRoutes()),
            new CacheRoutes(bus),
            new KeyRoutes(bus),
            new AdminUserRoutes(bus),
            new AdminTokenRoutes(bus),
            new AuditRoutes(bus),
            new ApiKeyRoutes(bus),
            new MetricsRoutes(registry),
            live,
            livePage,
            docs));
    Consumer<Router> docsFiles = docs::mountAssets;
    Consumer<Router> files = docsFiles.andThen(livePage::mountAssets);
    var openConnections = new AtomicInteger();
    return vertx
        .executeBlocking(uploads::removeLeftovers)
        .compose(
            v ->
                deploy(
                    new RedisVerticle(
                        bus,
                        config.redis(),
                        new RedisServers(config.redis()),
                        registry,
                        caches.tracking())))
        .compose(
            v -> deploy(new RealtimeVerticle(bus, config.redis(), config.live(), registry, clock)))
        .compose(v -> deploy(new WriteBehindVerticle(bus, writes, database, config.redis())))
        .compose(
            v ->
                deploy(
                    new LimitsVerticle(
                        bus,
                        config.redis(),
                        limiter,
                        rules,
                        () -> checked(source.read(), table.limitedRoutes()),
                        processes,
                        registry)))
        .compose(v -> deploy(auth.verticle()))
        .compose(v -> deploy(new UserVerticle(bus, database, writes, config, caches)))
        .compose(v -> deploy(new CatalogVerticle(bus, database, config, caches, stock)))
        .compose(v -> deploy(documents.verticle()))
        .compose(v -> deploy(images.verticle()))
        .compose(v -> deploy(jobs.verticle()))
        .compose(v -> deploy(schedules.verticle()))
        .compose(
            v ->
                deploy(
                    new AdminVerticle(
                        bus,
                        database,
                        config,
                        limiter,
                        rules,
                        table.limitedRoutes(),
                        overrides,
                        decisions,
                        caches,
                        clock)))
        .compose(
            v ->
                deployHttp(
                    () ->
                        new HttpVerticle(
                            config.http(),
                            config.live(),
                            vx -> table.router(vx, modules, files),
                            openConnections)))
        .onSuccess(
            v -> {
              database.started();
              readiness.started();
              writes.open();
              bus.announce(ProfilesApi.WARM_UP, new WarmUp());
            });
  }

  /** What was read, held against what the routes name. */
  private static Reading checked(Reading reading, LimitedRoutes routes) {
    if (!reading.faults().isEmpty()) {
      return reading;
    }
    List<String> faults = routes.faults(new Rules(reading.limits()));
    return faults.isEmpty() ? reading : Reading.faulty(faults);
  }

  /** The longest pause before an attempt to connect, the attempt, and the commands that follow. */
  private static Duration distrust(RedisConfig redis) {
    return redis.reconnectMax().plus(redis.connectTimeout()).plus(redis.commandTimeout());
  }

  /** Stops accepting, lets the requests under way end, then closes what they needed. */
  Future<Void> stop() {
    readiness.stopping();
    Future<Void> stopped = live == null ? Future.succeededFuture() : live.drain();
    for (String id; (id = deployed.pollLast()) != null; ) {
      String next = id;
      stopped = stopped.eventually(() -> vertx.undeploy(next));
    }
    return stopped
        .eventually(database::close)
        .eventually(() -> vertx.executeBlocking(uploads::remove));
  }

  /** Reads the rules again; those who asked by a signal see in the log what came of it. */
  void reloadRules() {
    bus.ask(LimitsApi.RELOAD, new ReloadRules(false))
        .onFailure(t -> LOG.error("The rules could not be read again", t));
  }

  /** Event loops of the process; everything that does not block runs on them. */
  static int eventLoops(AppConfig config) {
    int given = config.http().instances();
    return given > 0 ? given : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }

  /** The database that all parts share. */
  Database database() {
    return database;
  }

  /** The port that HTTP listens on; known after the start. */
  int port() {
    return port;
  }

  private Future<Void> deploy(Deployable verticle) {
    return vertx.deployVerticle(verticle).onSuccess(deployed::addLast).mapEmpty();
  }

  private Future<Void> deployHttp(Supplier<HttpVerticle> http) {
    List<HttpVerticle> created = new ArrayList<>();
    return vertx
        .deployVerticle(
            () -> {
              HttpVerticle instance = http.get();
              synchronized (created) {
                created.add(instance);
              }
              return instance;
            },
            new DeploymentOptions().setInstances(eventLoops(config)))
        .onSuccess(deployed::addLast)
        .onSuccess(id -> port = created.get(0).port())
        .mapEmpty();
  }
}
