package dev.torii.schedules;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import dev.torii.jobs.JobsApi.Place;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What operators may ask of repeating jobs: addresses and messages. */
public final class ScheduleApi {
  /**
   * Makes a schedule or replaces it; INVALID for a type or time zone that this process does not
   * know, a payload that does not fit, or an expression that is none or never comes true; CONFLICT
   * when there are 1,000 others.
   */
  public static final Address<PutSchedule, Schedule> PUT =
      new Address<>("schedules.put", PutSchedule.class, Schedule.class);

  /** All schedules by name. */
  public static final Address<ListSchedules, Schedules> LIST =
      new Address<>("schedules.list", ListSchedules.class, Schedules.class);

  /** One schedule; fails with NOT_FOUND. */
  public static final Address<GetSchedule, Schedule> GET =
      new Address<>("schedules.get", GetSchedule.class, Schedule.class);

  /** Ends a schedule, not its jobs; fails with NOT_FOUND. */
  public static final Address<DeleteSchedule, Done> DELETE =
      new Address<>("schedules.delete", DeleteSchedule.class, Done.class);

  /**
   * Hands its job in now, beside its times; fails with NOT_FOUND, or CONFLICT when this process
   * does not know its type or its payload does not fit.
   */
  public static final Address<RunSchedule, Ran> RUN =
      new Address<>("schedules.run", RunSchedule.class, Ran.class);

  private ScheduleApi() {}

  /** What becomes of times that passed while nobody looked. */
  public enum Missed {
    /** They are over. */
    SKIP("skip"),
    /** One job is run for all of them. */
    ONCE("once");

    private final String spelling;

    Missed(String spelling) {
      this.spelling = spelling;
    }

    /** Spelling in the contract and in the database. */
    public String spelling() {
      return spelling;
    }

    /** The policy of that spelling, which the contract has checked. */
    public static Missed of(String spelling) {
      return spelling.equals(ONCE.spelling) ? ONCE : SKIP;
    }
  }

  /**
   * When which job is handed in.
   *
   * @param payload null when what is stored cannot be read
   * @param cron five fields as in crontab
   * @param timeZone name of that whose clock they mean; not every process may know it
   * @param priority as of {@link JobsApi.NewJob}
   */
  public record Plan(
      String type,
      JsonObject payload,
      String cron,
      String timeZone,
      Missed missed,
      int priority,
      boolean enabled) {}

  /** Who says it owns the jobs. */
  public record PutSchedule(Actor by, String name, Plan plan) implements BusMessage {}

  public record ListSchedules() implements BusMessage {}

  public record Schedules(List<Schedule> schedules) implements BusMessage {}

  public record GetSchedule(String name) implements BusMessage {}

  public record DeleteSchedule(Actor by, String name) implements BusMessage {}

  public record RunSchedule(Actor by, String name) implements BusMessage {}

  /** The job that was handed in. */
  public record Ran(Place place) implements BusMessage {}

  /**
   * A schedule.
   *
   * @param owner of its jobs
   * @param next its next times, none while it is not enabled or when this process cannot read it
   * @param lastDue the time for which it was fired last; null before the first
   * @param lastJob the job of that; null before the first
   * @param lastError why it could not be fired the last time that it was to be, or not by every
   *     process; null when it could
   */
  public record Schedule(
      String name,
      Plan plan,
      UUID owner,
      List<Instant> next,
      Instant lastDue,
      UUID lastJob,
      String lastError,
      Instant createdAt,
      Instant updatedAt)
      implements BusMessage {}
}
