package dev.torii.schedules;

import dev.torii.audit.AuditLog;
import dev.torii.audit.Entry;
import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.CheckPayload;
import dev.torii.jobs.JobsApi.Checked;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.postgres.Database;
import dev.torii.postgres.TimeOrderedIds;
import dev.torii.schedules.ScheduleApi.DeleteSchedule;
import dev.torii.schedules.ScheduleApi.GetSchedule;
import dev.torii.schedules.ScheduleApi.ListSchedules;
import dev.torii.schedules.ScheduleApi.Plan;
import dev.torii.schedules.ScheduleApi.PutSchedule;
import dev.torii.schedules.ScheduleApi.Ran;
import dev.torii.schedules.ScheduleApi.RunSchedule;
import dev.torii.schedules.ScheduleApi.Schedule;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Schedules as operators see and change them. Each change of theirs is in the audit log. */
final class Schedules {
  /** Most that there are; all of them are listed at once. */
  private static final int MOST = 1_000;

  private final Bus bus;
  private final Database database;
  private final ScheduleTimes times;
  private final TimeOrderedIds ids = new TimeOrderedIds();

  Schedules(Bus bus, Database database, ScheduleTimes times) {
    this.bus = bus;
    this.database = database;
    this.times = times;
  }

  Future<Schedule> put(PutSchedule question) {
    Plan plan = question.plan();
    return Future.all(
            bus.ask(JobsApi.CHECK, new CheckPayload(plan.type(), plan.payload())),
            times.faults(plan))
        .compose(both -> checked(both.<Checked>resultAt(0).faults(), both.resultAt(1)))
        .compose(valid -> database.run(ScheduleRepository::now))
        .compose(now -> times.next(plan, now))
        .compose(next -> store(question, plan.enabled() ? next.at() : null))
        .compose(this::withTimes);
  }

  private static Future<Void> checked(List<FieldError> ofJob, List<FieldError> ofTimes) {
    List<FieldError> faults = new ArrayList<>(ofJob);
    faults.addAll(ofTimes);
    return faults.isEmpty()
        ? Future.succeededFuture()
        : Future.failedFuture(Failure.invalid(faults));
  }

  private Future<Schedule> store(PutSchedule question, Instant next) {
    Plan plan = question.plan();
    String name = question.name();
    Entry entry =
        Entry.of(question.by(), "schedule.put", name)
            .with("type", plan.type())
            .with("cron", plan.cron())
            .with("time_zone", plan.timeZone())
            .with("enabled", plan.enabled());
    return database.inTransaction(
        tx ->
            ScheduleRepository.others(tx, name)
                .compose(
                    others ->
                        others < MOST
                            ? ScheduleRepository.put(tx, name, plan, question.by().id(), next)
                            : Future.failedFuture(tooMany()))
                .compose(made -> AuditLog.write(tx, entry).map(made)));
  }

  Future<ScheduleApi.Schedules> list(ListSchedules question) {
    return database
        .run(ScheduleRepository::list)
        .compose(times::shown)
        .map(ScheduleApi.Schedules::new);
  }

  Future<Schedule> get(GetSchedule question) {
    return find(question.name()).compose(this::withTimes);
  }

  Future<Done> delete(DeleteSchedule question) {
    String name = question.name();
    return database.inTransaction(
        tx ->
            ScheduleRepository.delete(tx, name)
                .compose(
                    found ->
                        found
                            ? AuditLog.write(tx, Entry.of(question.by(), "schedule.deleted", name))
                            : Future.failedFuture(unknown()))
                .map(Done.DONE));
  }

  /** Noted before it is done, so that nothing is done that is not noted. */
  Future<Ran> run(RunSchedule question) {
    return find(question.name())
        .compose(this::runnable)
        .map(schedule -> job(schedule, ids.next()))
        .compose(job -> noted(question, "schedule.run", job).compose(v -> handIn(question, job)));
  }

  /** The request is in order; what stands against it lies with the schedule. */
  private Future<Schedule> runnable(Schedule schedule) {
    Plan plan = schedule.plan();
    if (plan.payload() == null) {
      return Future.failedFuture(conflict("The payload of this schedule cannot be read"));
    }
    return bus.ask(JobsApi.CHECK, new CheckPayload(plan.type(), plan.payload()))
        .compose(
            checked ->
                checked.faults().isEmpty()
                    ? Future.succeededFuture(schedule)
                    : Future.failedFuture(conflict(words(plan, checked.faults().get(0)))));
  }

  private static String words(Plan plan, FieldError fault) {
    return fault.pointer().equals("/type")
        ? "The process that was asked does not know the type " + plan.type()
        : "The stored job no longer fits its type: " + fault.pointer() + " " + fault.detail();
  }

  private Future<Ran> handIn(RunSchedule question, NewJob job) {
    return bus.ask(JobsApi.ENQUEUE, Enqueue.one(job))
        .map(enqueued -> new Ran(enqueued.jobs().get(0)))
        .recover(
            t ->
                noted(question, "schedule.run-failed", job)
                    .transform(done -> Future.failedFuture(t)));
  }

  private Future<Void> noted(RunSchedule question, String action, NewJob job) {
    Entry entry =
        Entry.of(question.by(), action, question.name()).with("job_id", job.id().toString());
    return database.run(db -> AuditLog.write(db, entry));
  }

  /**
   * The job of a schedule.
   *
   * @param id under which it is made once
   */
  static NewJob job(Schedule schedule, UUID id) {
    Plan plan = schedule.plan();
    return new NewJob(
        id,
        plan.type(),
        plan.payload(),
        plan.priority(),
        null,
        null,
        schedule.owner(),
        null,
        null,
        null);
  }

  private Future<Schedule> find(String name) {
    return database
        .run(db -> ScheduleRepository.find(db, name))
        .map(found -> found.orElseThrow(Schedules::unknown));
  }

  private Future<Schedule> withTimes(Schedule one) {
    return times.shown(List.of(one)).map(shown -> shown.get(0));
  }

  private static Failure tooMany() {
    return conflict("There are " + MOST + " schedules, and no more are taken; delete some first");
  }

  private static Failure conflict(String detail) {
    return Failure.of(ErrorCode.CONFLICT, detail);
  }

  private static Failure unknown() {
    return Failure.of(ErrorCode.NOT_FOUND, "No such schedule");
  }
}
