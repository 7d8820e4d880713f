package dev.torii.schedules;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.gate.RouteModule;
import dev.torii.postgres.Database;
import java.util.List;

/** The parts of schedules put together. */
public final class SchedulesModule {
  private final Bus bus;
  private final Database database;
  private final AppConfig config;

  public SchedulesModule(Bus bus, Database database, AppConfig config) {
    this.bus = bus;
    this.database = database;
    this.config = config;
  }

  public List<RouteModule> routes() {
    return List.of(new ScheduleRoutes(bus));
  }

  public SchedulesVerticle verticle() {
    return new SchedulesVerticle(bus, database, config.jobs().sweep());
  }
}
