package dev.torii.schedules;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.Trouble;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.ListTypes;
import dev.torii.postgres.Database;
import dev.torii.schedules.ScheduleApi.Missed;
import dev.torii.schedules.ScheduleApi.Schedule;
import dev.torii.schedules.ScheduleRepository.Due;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands in the jobs of schedules when their time has come: each time once, whichever of the
 * processes comes first and wherever it dies.
 *
 * <p>Nothing is locked. The id of a job follows from the time that is due, so of all processes that
 * hand it in one makes it; each then moves the schedule on to the next time if it still stands at
 * the one that was due. Who dies in between leaves the time as it was, and the next finds that the
 * job is there.
 */
final class ScheduleClock {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduleClock.class);

  /** What is later than that was missed, not just late. */
  private static final Duration LATE = Duration.ofSeconds(60);

  /** How often it is said that looks still fail. */
  private static final Duration REMINDER = Duration.ofSeconds(60);

  /** After these the same job may be taken soon. */
  private static final Set<ErrorCode> AWAY =
      EnumSet.of(ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.BUSY);

  private final Vertx vertx;
  private final Bus bus;
  private final Database database;
  private final ScheduleTimes times;

  /** Schedules that this process was last seen to be unable to read. */
  private final Set<String> unreadable = new HashSet<>();

  /** Whose jobs this process can hand in, null until asked; others are left to other processes. */
  private Set<String> types;

  private Future<Void> last = Future.succeededFuture();
  private int failures;
  private long warnedNanos;
  private boolean looking;
  private boolean stopped;
  private long timer = -1;

  ScheduleClock(Vertx vertx, Bus bus, Database database, ScheduleTimes times) {
    this.vertx = vertx;
    this.bus = bus;
    this.database = database;
    this.times = times;
  }

  /** Looks now, and then again and again. */
  void start(Duration pause) {
    timer = vertx.setPeriodic(0, pause.toMillis(), tick -> look());
  }

  /** Completes when no look is under way, and none follows. */
  Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return last.otherwiseEmpty();
  }

  private void look() {
    if (looking) {
      return;
    }
    looking = true;
    Set<String> left = new HashSet<>();
    last =
        Future.succeededFuture(left)
            .compose(this::fireAll)
            .onComplete(done -> looking = false)
            .onSuccess(done -> succeeded(left))
            .onFailure(this::failed);
  }

  private void succeeded(Set<String> left) {
    unreadable.retainAll(left);
    if (failures > 1) {
      LOG.info("Schedules are fired again");
    }
    failures = 0;
  }

  /** One look may fail, say with a connection; the next one comes soon. */
  private void failed(Throwable t) {
    failures++;
    long now = System.nanoTime();
    boolean remind = failures == 2 || now - warnedNanos >= REMINDER.toNanos();
    if (failures > 1 && remind) {
      warnedNanos = now;
      Trouble.warn(
          LOG, "Schedules fire late: " + failures + " looks for them have failed on end", t);
    } else {
      LOG.debug("schedules are looked at the next time", t);
    }
  }

  /**
   * Fires what is due.
   *
   * @param left takes the names of those that this process cannot read, and leaves to others
   */
  private Future<Void> fireAll(Set<String> left) {
    return types()
        .compose(known -> database.run(db -> ScheduleRepository.due(db, known, left)))
        .compose(
            found ->
                found.isEmpty() || stopped
                    ? Future.succeededFuture()
                    : fireEach(found.iterator(), left).compose(done -> fireAll(left)));
  }

  /** They stay the same for as long as the process lives. */
  private Future<Set<String>> types() {
    return types != null
        ? Future.succeededFuture(types)
        : bus.ask(JobsApi.TYPES, new ListTypes()).map(found -> types = found.names());
  }

  private Future<Void> fireEach(Iterator<Due> found, Set<String> left) {
    return found.hasNext() && !stopped
        ? fire(found.next(), left).compose(done -> fireEach(found, left))
        : Future.succeededFuture();
  }

  private Future<Void> fire(Due due, Set<String> left) {
    return times
        .next(due.schedule().plan(), due.now())
        .compose(
            next -> next.fault() == null ? fire(due, next.at()) : leave(due, next.fault(), left));
  }

  /** Another process may be able to; the time stays as it is. */
  private Future<Void> leave(Due due, String fault, Set<String> left) {
    String name = due.schedule().name();
    left.add(name);
    if (unreadable.add(name)) {
      LOG.warn("schedule {} is left to other processes: {}", name, fault);
    }
    return database.run(db -> ScheduleRepository.note(db, due, fault));
  }

  private Future<Void> fire(Due due, Instant next) {
    Schedule schedule = due.schedule();
    boolean missed = due.at().plus(LATE).isBefore(due.now());
    if (missed && schedule.plan().missed() == Missed.SKIP) {
      LOG.info("schedule {} has missed {} and skips it", schedule.name(), due.at());
      return database.run(db -> ScheduleRepository.move(db, due, next));
    }
    UUID id = ScheduledJob.id(schedule.name(), due.at());
    return bus.ask(JobsApi.ENQUEUE, Enqueue.one(Schedules.job(schedule, id)))
        .map(enqueued -> enqueued.jobs().get(0).id())
        .compose(job -> fired(due, next, job, null), t -> refused(due, next, Failure.from(t)));
  }

  /** What can never be handed in must not hold up what comes after it. */
  private Future<Void> refused(Due due, Instant next, Failure failure) {
    if (AWAY.contains(failure.code())) {
      return Future.failedFuture(failure);
    }
    String name = due.schedule().name();
    LOG.warn("schedule {} could not hand its job in: {}", name, failure.code().slug());
    UUID none = null;
    return fired(due, next, none, failure.code().title());
  }

  private Future<Void> fired(Due due, Instant next, UUID job, String error) {
    return database.run(db -> ScheduleRepository.fired(db, due, next, job, error));
  }
}
