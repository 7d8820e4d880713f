package dev.torii.images;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.config.ImagesConfig;
import dev.torii.gate.RouteModule;
import dev.torii.jobs.JobHandler;
import dev.torii.postgres.Database;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;

/** The parts of images put together. */
public final class ImagesModule {
  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final MeterRegistry registry;
  private final ImageTally tally;
  private final AnalysisForm form;

  public ImagesModule(Bus bus, Database database, AppConfig config, MeterRegistry registry) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.registry = registry;
    this.tally = new ImageTally(registry, config.images().price());
    this.form = new AnalysisForm(config.images().categories());
  }

  /** The types of jobs that work on images. */
  public List<JobHandler> handlers() {
    ImagesConfig images = config.images();
    var analyser = images.hasAnalyser() ? new Analyser(images, form, tally) : null;
    return List.of(new ImageHandler(bus, images, analyser));
  }

  public List<RouteModule> routes() {
    return List.of(new ImageRoutes(bus, config.images()));
  }

  public ImagesVerticle verticle() {
    return new ImagesVerticle(bus, database, config, registry, tally, form, Clock.systemUTC());
  }
}
