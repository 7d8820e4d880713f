package dev.torii.images;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.gate.RouteModule;
import dev.torii.jobs.JobHandler;
import dev.torii.postgres.Database;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** The parts of images put together. */
@SuppressWarnings("UnusedVariable")
public final class ImagesModule {
  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final MeterRegistry registry;

  public ImagesModule(Bus bus, Database database, AppConfig config, MeterRegistry registry) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.registry = registry;
  }

  /** The types of jobs that work on images. */
  public List<JobHandler> handlers() {
    return List.of();
  }

  public List<RouteModule> routes() {
    return List.of();
  }

  public ImagesVerticle verticle() {
    return new ImagesVerticle();
  }
}
