package dev.torii.schedules;

import dev.torii.postgres.SqlTime;
import dev.torii.schedules.ScheduleApi.Missed;
import dev.torii.schedules.ScheduleApi.Plan;
import dev.torii.schedules.ScheduleApi.Schedule;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code job_schedule} table; all its SQL. The next times are not in it but for the first. */
final class ScheduleRepository {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduleRepository.class);

  private static final String COLUMNS =
      """
      name, type, payload, cron, time_zone, missed, priority, enabled, owner, next_at, last_due,
      last_job, last_error, created_at, updated_at\
      """;

  private static final String PUT =
      """
      INSERT INTO job_schedule
        (name, type, payload, cron, time_zone, missed, priority, enabled, owner, next_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      ON CONFLICT (name) DO UPDATE SET type = excluded.type, payload = excluded.payload,
        cron = excluded.cron, time_zone = excluded.time_zone, missed = excluded.missed,
        priority = excluded.priority, enabled = excluded.enabled, owner = excluded.owner,
        next_at = excluded.next_at, last_error = NULL, updated_at = now()
      RETURNING
      """
          + COLUMNS;

  private static final String LIST = "SELECT " + COLUMNS + " FROM job_schedule ORDER BY name";

  private static final String FIND = "SELECT " + COLUMNS + " FROM job_schedule WHERE name = $1";

  private static final String DELETE = "DELETE FROM job_schedule WHERE name = $1";

  private static final String NOW = "SELECT clock_timestamp() AS now";

  /** Makes those wait who would add another, not those who read or fire. */
  private static final String LOCK = "LOCK TABLE job_schedule IN SHARE ROW EXCLUSIVE MODE";

  private static final String OTHERS = "SELECT count(*) FROM job_schedule WHERE name <> $1";

  private static final String DUE =
      "SELECT clock_timestamp() AS now, "
          + COLUMNS
          + """
           FROM job_schedule WHERE next_at <= now() AND type = ANY ($1) AND name <> ALL ($2)
          ORDER BY next_at LIMIT 50
          """;

  private static final String MOVE =
      "UPDATE job_schedule SET next_at = $3 WHERE name = $1 AND next_at = $2";

  private static final String NOTE =
      """
      UPDATE job_schedule SET last_error = $3
      WHERE name = $1 AND next_at = $2 AND last_error IS DISTINCT FROM $3
      """;

  private static final String FIRED =
      """
      UPDATE job_schedule SET next_at = $3, last_due = $2, last_job = $4, last_error = $5
      WHERE name = $1 AND next_at = $2
      """;

  private ScheduleRepository() {}

  /**
   * Makes or replaces one.
   *
   * @param next null when it never fires
   */
  static Future<Schedule> put(SqlClient tx, String name, Plan plan, UUID owner, Instant next) {
    return tx.preparedQuery(PUT)
        .execute(
            Tuple.from(
                new Object[] {
                  name,
                  plan.type(),
                  plan.payload().encode(),
                  plan.cron(),
                  plan.timeZone(),
                  plan.missed().spelling(),
                  (short) plan.priority(),
                  plan.enabled(),
                  owner,
                  SqlTime.of(next)
                }))
        .map(rows -> schedule(rows.iterator().next()));
  }

  static Future<List<Schedule>> list(SqlClient db) {
    return db.preparedQuery(LIST)
        .execute()
        .map(
            rows -> {
              List<Schedule> all = new ArrayList<>(rows.size());
              rows.forEach(row -> all.add(schedule(row)));
              return all;
            });
  }

  static Future<Optional<Schedule>> find(SqlClient db, String name) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(name))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(schedule(rows.iterator().next())));
  }

  /** Whether there was one. */
  static Future<Boolean> delete(SqlClient tx, String name) {
    return tx.preparedQuery(DELETE).execute(Tuple.of(name)).map(rows -> rows.rowCount() > 0);
  }

  /** The time of the clock that all processes share. */
  static Future<Instant> now(SqlClient db) {
    return db.query(NOW).execute().map(rows -> SqlTime.get(rows.iterator().next(), "now"));
  }

  /** How many there are of other names; stays true until the end of the transaction. */
  static Future<Long> others(SqlClient tx, String name) {
    return tx.query(LOCK)
        .execute()
        .compose(locked -> tx.preparedQuery(OTHERS).execute(Tuple.of(name)))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /**
   * Some of the schedules that are due, those that are so for longest first.
   *
   * @param types of which they are
   * @param but names of others
   */
  static Future<List<Due>> due(SqlClient db, Set<String> types, Set<String> but) {
    return db.preparedQuery(DUE)
        .execute(
            Tuple.tuple()
                .addArrayOfString(types.toArray(String[]::new))
                .addArrayOfString(but.toArray(String[]::new)))
        .map(
            rows -> {
              List<Due> all = new ArrayList<>(rows.size());
              rows.forEach(
                  row ->
                      all.add(
                          new Due(
                              schedule(row),
                              SqlTime.get(row, "next_at"),
                              SqlTime.get(row, "now"))));
              return all;
            });
  }

  /** Goes on to the next time without having fired, unless another process has. */
  static Future<Void> move(SqlClient db, Due due, Instant next) {
    return db.preparedQuery(MOVE)
        .execute(Tuple.of(due.schedule().name(), SqlTime.of(due.at()), SqlTime.of(next)))
        .mapEmpty();
  }

  /** Says why a process does not fire what is due, as long as it is. */
  static Future<Void> note(SqlClient db, Due due, String error) {
    return db.preparedQuery(NOTE)
        .execute(Tuple.of(due.schedule().name(), SqlTime.of(due.at()), error))
        .mapEmpty();
  }

  /**
   * Goes on to the next time and notes what has come of one, unless another process has.
   *
   * @param job null when none was made
   * @param error null when one was
   */
  static Future<Void> fired(SqlClient db, Due due, Instant next, UUID job, String error) {
    return db.preparedQuery(FIRED)
        .execute(
            Tuple.of(due.schedule().name(), SqlTime.of(due.at()), SqlTime.of(next), job, error))
        .mapEmpty();
  }

  /** Null when it is none: a row that somebody has broken is to break no list. */
  private static JsonObject payload(Row row) {
    try {
      return new JsonObject(row.getString("payload"));
    } catch (DecodeException e) {
      LOG.debug("payload of schedule {}", row.getString("name"), e);
      return null;
    }
  }

  private static Schedule schedule(Row row) {
    var plan =
        new Plan(
            row.getString("type"),
            payload(row),
            row.getString("cron"),
            row.getString("time_zone"),
            Missed.of(row.getString("missed")),
            row.getShort("priority"),
            row.getBoolean("enabled"));
    Instant next = SqlTime.get(row, "next_at");
    return new Schedule(
        row.getString("name"),
        plan,
        row.getUUID("owner"),
        next == null ? List.of() : List.of(next),
        SqlTime.get(row, "last_due"),
        row.getUUID("last_job"),
        row.getString("last_error"),
        SqlTime.get(row, "created_at"),
        SqlTime.get(row, "updated_at"));
  }

  /**
   * A schedule whose time has come.
   *
   * @param at that time
   * @param now by the clock of the database
   */
  record Due(Schedule schedule, Instant at, Instant now) {}
}
