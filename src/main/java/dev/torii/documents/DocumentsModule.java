package dev.torii.documents;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.gate.RouteModule;
import dev.torii.http.UploadDirectory;
import dev.torii.jobs.JobHandler;
import dev.torii.postgres.Database;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** The parts of documents put together. */
public final class DocumentsModule {
  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final ReaderPool readers;
  private final UploadDirectory scratch;

  public DocumentsModule(Bus bus, Database database, AppConfig config, MeterRegistry registry) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.readers = new ReaderPool(config.documents(), registry);
    this.scratch = new UploadDirectory(config.http().uploadDir());
  }

  /** The types of jobs that work on documents. */
  public List<JobHandler> handlers() {
    return List.of(new DocumentHandler(database, config.documents(), readers, scratch));
  }

  public List<RouteModule> routes() {
    return List.of(new DocumentRoutes(bus, config.documents().maxUploadBytes()));
  }

  public DocumentsVerticle verticle() {
    return new DocumentsVerticle(bus, database, readers, scratch);
  }
}
