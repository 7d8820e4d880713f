package dev.torii.schedules;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.postgres.Database;
import dev.torii.schedules.ScheduleApi.Missed;
import dev.torii.schedules.ScheduleApi.Schedule;
import dev.torii.schedules.ScheduleRepository.Due;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands in the jobs of schedules when their time has come: each time once, whichever of the
 * processes comes first and wherever it dies.
 *
 * <p>Whoever has locked the schedule hands in its job, whose id follows from the time that is due,
 * and goes on to the next time when that is committed. Who dies in between leaves the time as it
 * was, and the next finds that the job is there.
 */
final class ScheduleClock {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduleClock.class);

  private static final String UNREADABLE = "cannot be read; put it again";

  /** What is later than that was missed, not just late. */
  private static final Duration LATE = Duration.ofSeconds(60);

  /** After these the same job may be taken soon. */
  private static final Set<ErrorCode> AWAY =
      EnumSet.of(ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.BUSY);

  private final Vertx vertx;
  private final Bus bus;
  private final Database database;
  private final Set<String> types;
  private Future<Void> last = Future.succeededFuture();
  private boolean looking;
  private boolean stopped;
  private long timer = -1;

  /**
   * @param types whose jobs this process can hand in; other schedules are left to other processes
   */
  ScheduleClock(Vertx vertx, Bus bus, Database database, Set<String> types) {
    this.vertx = vertx;
    this.bus = bus;
    this.database = database;
    this.types = types;
  }

  /** Looks now, and then again and again, unless it was stopped before. */
  void start(Duration pause) {
    if (stopped) {
      return;
    }
    timer = vertx.setPeriodic(0, pause.toMillis(), tick -> look());
  }

  /** Completes when no look is under way, and none follows. */
  Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return last.otherwiseEmpty();
  }

  private void look() {
    if (!looking) {
      looking = true;
      last =
          fireAll()
              .onFailure(t -> LOG.debug("schedules are looked at the next time", t))
              .onComplete(done -> looking = false);
    }
  }

  private Future<Void> fireAll() {
    return database
        .inTransaction(this::fireOne)
        .compose(found -> found && !stopped ? fireAll() : Future.succeededFuture());
  }

  /** Whether one was due. */
  private Future<Boolean> fireOne(SqlClient tx) {
    return ScheduleRepository.due(tx, types)
        .compose(
            found ->
                found.isEmpty() ? Future.succeededFuture(false) : fire(tx, found.get()).map(true));
  }

  private Future<Void> fire(SqlClient tx, Due due) {
    try {
      Schedule schedule = due.read().get();
      Instant next = CronTimes.of(schedule.plan().cron(), schedule.plan().zone()).after(due.now());
      return fire(tx, schedule, due, next);
    } catch (RuntimeException e) {
      LOG.error("schedule {} cannot be read, and fires no more", due.name(), e);
      return ScheduleRepository.halt(tx, due.name(), UNREADABLE);
    }
  }

  private Future<Void> fire(SqlClient tx, Schedule schedule, Due due, Instant next) {
    boolean missed = due.at().plus(LATE).isBefore(due.now());
    if (missed && schedule.plan().missed() == Missed.SKIP) {
      LOG.info("schedule {} has missed {} and skips it", schedule.name(), due.at());
      return ScheduleRepository.move(tx, schedule.name(), next);
    }
    UUID id = ScheduledJob.id(schedule.name(), due.at());
    return bus.ask(JobsApi.ENQUEUE, Enqueue.one(Schedules.job(schedule, id)))
        .map(enqueued -> enqueued.jobs().get(0).id())
        .compose(
            job -> ScheduleRepository.fired(tx, due, next, job, null),
            t -> refused(tx, due, next, Failure.from(t)));
  }

  /** What can never be handed in must not hold up what comes after it. */
  private static Future<Void> refused(SqlClient tx, Due due, Instant next, Failure failure) {
    if (AWAY.contains(failure.code())) {
      return Future.failedFuture(failure);
    }
    LOG.warn("schedule {} could not hand its job in: {}", due.name(), failure.code().slug());
    UUID none = null;
    return ScheduleRepository.fired(tx, due, next, none, failure.code().title());
  }
}
