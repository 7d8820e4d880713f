package dev.torii.jobs;

import dev.torii.bus.Bus;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/** What operators touch put together, beside the engine and on its context. */
final class JobManagement {
  private final Bus bus;
  private final Database database;
  private ScheduleClock schedules;

  JobManagement(Bus bus, Database database) {
    this.bus = bus;
    this.database = database;
  }

  /**
   * Begins to answer, and to hand in what is scheduled.
   *
   * @param types of this process
   * @param sweep pause between two looks for schedules that are due
   */
  void start(Vertx vertx, JobTypes types, Duration sweep) {
    answerForJobs(new JobAdmin(bus, database, types), new JobQueues(database, types));
    answerForSchedules(new Schedules(bus, database, types));
    schedules = new ScheduleClock(vertx, bus, database, types);
    // the first use of the library takes too long for an event loop
    vertx
        .executeBlocking(() -> CronTimes.of("30 2 * * *", ZoneOffset.UTC).after(Instant.EPOCH))
        .onComplete(ready -> schedules.start(sweep));
  }

  /** Completes when nothing is handed in any more. */
  Future<Void> stop() {
    return schedules == null ? Future.succeededFuture() : schedules.stop();
  }

  private void answerForJobs(JobAdmin jobs, JobQueues queues) {
    bus.answer(JobWorkerVerticle.class, JobAdminApi.LIST, jobs::list);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.STATUS, jobs::status);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.SHOW, jobs::show);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.CANCEL, jobs::cancel);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.RETRY, jobs::retry);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.RETRY_DEAD, jobs::retryDead);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.PURGE_DEAD, jobs::purgeDead);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.PAUSE, jobs::pause);
    bus.answer(JobWorkerVerticle.class, JobAdminApi.QUEUES, queues::list);
  }

  private void answerForSchedules(Schedules all) {
    bus.answer(JobWorkerVerticle.class, ScheduleApi.PUT, all::put);
    bus.answer(JobWorkerVerticle.class, ScheduleApi.LIST, all::list);
    bus.answer(JobWorkerVerticle.class, ScheduleApi.GET, all::get);
    bus.answer(JobWorkerVerticle.class, ScheduleApi.DELETE, all::delete);
    bus.answer(JobWorkerVerticle.class, ScheduleApi.RUN, all::run);
  }
}
