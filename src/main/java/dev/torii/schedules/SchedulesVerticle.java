package dev.torii.schedules;

import dev.torii.bus.Bus;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.ZoneId;

/** Answers for schedules on the bus, and hands in what they say. */
public final class SchedulesVerticle extends VerticleBase {
  private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);

  private final Bus bus;
  private final Database database;
  private final Duration sweep;
  private ScheduleClock clock;

  /**
   * @param sweep pause between two looks for schedules that are due
   */
  SchedulesVerticle(Bus bus, Database database, Duration sweep) {
    this.bus = bus;
    this.database = database;
    this.sweep = sweep;
  }

  @Override
  public Future<?> start() {
    var times = new ScheduleTimes(vertx, ZoneId::of);
    var schedules = new Schedules(bus, database, times);
    bus.answer(SchedulesVerticle.class, ScheduleApi.PUT, schedules::put);
    bus.answer(SchedulesVerticle.class, ScheduleApi.LIST, schedules::list);
    bus.answer(SchedulesVerticle.class, ScheduleApi.GET, schedules::get);
    bus.answer(SchedulesVerticle.class, ScheduleApi.DELETE, schedules::delete);
    bus.answer(SchedulesVerticle.class, ScheduleApi.RUN, schedules::run);
    clock = new ScheduleClock(vertx, bus, database, times);
    clock.start(sweep);
    return Future.succeededFuture();
  }

  /** Completes when nothing is handed in any more. */
  @Override
  public Future<?> stop() {
    return clock == null
        ? Future.succeededFuture()
        : Future.any(clock.stop(), vertx.timer(DRAIN_PATIENCE.toMillis()));
  }
}
