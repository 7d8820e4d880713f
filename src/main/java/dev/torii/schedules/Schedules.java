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
import dev.torii.jobs.JobsApi.Place;
import dev.torii.postgres.Database;
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
  /** Next times that are shown. */
  private static final int SHOWN_TIMES = 5;

  private final Bus bus;
  private final Database database;

  Schedules(Bus bus, Database database) {
    this.bus = bus;
    this.database = database;
  }

  Future<Schedule> put(PutSchedule question) {
    Plan plan = question.plan();
    return bus.ask(JobsApi.CHECK, new CheckPayload(plan.type(), plan.payload()))
        .compose(checked -> put(question, timesOf(plan, checked)));
  }

  private Future<Schedule> put(PutSchedule question, CronTimes times) {
    Plan plan = question.plan();
    Entry entry =
        Entry.of(question.by(), "schedule.put", question.name())
            .with("type", plan.type())
            .with("cron", plan.cron())
            .with("time_zone", plan.zone().getId())
            .with("enabled", plan.enabled());
    return database
        .inTransaction(
            tx ->
                ScheduleRepository.now(tx)
                    .compose(
                        now ->
                            ScheduleRepository.put(
                                tx,
                                question.name(),
                                plan,
                                question.by().id(),
                                plan.enabled() ? times.after(now) : null))
                    .compose(made -> AuditLog.write(tx, entry).map(made)))
        .map(this::withTimes);
  }

  private static CronTimes timesOf(Plan plan, Checked checked) {
    List<FieldError> faults = new ArrayList<>(checked.faults());
    CronTimes times = null;
    try {
      times = CronTimes.of(plan.cron(), plan.zone());
      if (times.after(Instant.EPOCH) == null) { // no year is in it, so any time will do
        faults.add(new FieldError("/cron", "never comes true"));
      }
    } catch (IllegalArgumentException e) {
      String detail = "must be a crontab expression: minute hour day month weekday";
      faults.add(new FieldError("/cron", detail));
    }
    if (!faults.isEmpty()) {
      throw Failure.invalid(faults);
    }
    return times;
  }

  Future<ScheduleApi.Schedules> list(ListSchedules question) {
    return database
        .run(ScheduleRepository::list)
        .map(found -> new ScheduleApi.Schedules(found.stream().map(this::withTimes).toList()));
  }

  Future<Schedule> get(GetSchedule question) {
    return find(question.name()).map(this::withTimes);
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

  Future<Ran> run(RunSchedule question) {
    return find(question.name())
        .compose(schedule -> bus.ask(JobsApi.ENQUEUE, Enqueue.one(job(schedule, null))))
        .map(enqueued -> enqueued.jobs().get(0))
        .compose(place -> noted(question, place).map(new Ran(place)));
  }

  private Future<Void> noted(RunSchedule question, Place place) {
    Entry entry =
        Entry.of(question.by(), "schedule.run", question.name())
            .with("job_id", place.id().toString());
    return database.run(db -> AuditLog.write(db, entry));
  }

  /**
   * The job of a schedule.
   *
   * @param id null to have one made
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

  private Schedule withTimes(Schedule one) {
    if (one.next().isEmpty()) {
      return one;
    }
    List<Instant> next = new ArrayList<>(one.next());
    CronTimes times = CronTimes.of(one.plan().cron(), one.plan().zone());
    next.addAll(times.after(next.get(0), SHOWN_TIMES - 1));
    return new Schedule(
        one.name(),
        one.plan(),
        one.owner(),
        List.copyOf(next),
        one.lastDue(),
        one.lastJob(),
        one.lastError(),
        one.createdAt(),
        one.updatedAt());
  }

  private static Failure unknown() {
    return Failure.of(ErrorCode.NOT_FOUND, "No such schedule");
  }
}
