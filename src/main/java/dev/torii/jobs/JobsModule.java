package dev.torii.jobs;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.gate.RouteModule;
import dev.torii.postgres.Database;
import dev.torii.realtime.TopicKind;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;

/** The parts of jobs put together: what runs them, answers for them, and is followed. */
public final class JobsModule {
  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final MeterRegistry registry;
  private final Clock clock;
  private final List<JobHandler> handlers;
  private final JobPresent present;

  /**
   * @param handlers the built-in types
   */
  public JobsModule(
      Bus bus,
      Database database,
      AppConfig config,
      MeterRegistry registry,
      Clock clock,
      List<JobHandler> handlers) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.registry = registry;
    this.clock = clock;
    this.handlers = List.copyOf(handlers);
    this.present = new JobPresent(bus, database);
  }

  /** The topics of jobs, for every event loop. */
  public List<TopicKind> topics() {
    var feeds = new JobFeeds(present);
    return List.of(new JobTopic(database, feeds), new AllJobsTopic(feeds));
  }

  public List<RouteModule> routes() {
    return List.of(
        new JobRoutes(bus, clock), new StatusRoutes(bus, clock), new JobQueueRoutes(bus));
  }

  public JobWorkerVerticle verticle() {
    return new JobWorkerVerticle(
        bus, database, config.jobs(), config.redis(), registry, handlers, this::news);
  }

  /** Tells of jobs; called on the context of the verticle. */
  private JobNews news(Vertx vertx) {
    return new RedisJobNews(vertx, bus, database, config.redis().coalesce(), present);
  }
}
