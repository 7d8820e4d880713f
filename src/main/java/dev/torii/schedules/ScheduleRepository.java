package dev.torii.schedules;

import dev.torii.postgres.SqlTime;
import dev.torii.schedules.ScheduleApi.Missed;
import dev.torii.schedules.ScheduleApi.Plan;
import dev.torii.schedules.ScheduleApi.Schedule;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** The {@code job_schedule} table; all its SQL. The next times are not in it but for the first. */
final class ScheduleRepository {
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

  private static final String DUE =
      "SELECT clock_timestamp() AS now, next_at AS due, "
          + COLUMNS
          + """
           FROM job_schedule WHERE next_at <= now() AND type = ANY ($1)
          ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
          """;

  private static final String MOVE = "UPDATE job_schedule SET next_at = $2 WHERE name = $1";

  private static final String HALT =
      "UPDATE job_schedule SET next_at = NULL, last_error = $2 WHERE name = $1";

  private static final String FIRED =
      """
      UPDATE job_schedule SET next_at = $2, last_due = $3, last_job = $4, last_error = $5
      WHERE name = $1
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
                  plan.zone().getId(),
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

  /**
   * The schedule that is due for longest and that nobody else fires; locked until the end.
   *
   * @param types of which it is one
   */
  static Future<Optional<Due>> due(SqlClient tx, Collection<String> types) {
    return tx.preparedQuery(DUE)
        .execute(Tuple.of(types.toArray(String[]::new)))
        .map(ScheduleRepository::firstDue);
  }

  /** Goes on to the next time without having fired. */
  static Future<Void> move(SqlClient tx, String name, Instant next) {
    return tx.preparedQuery(MOVE).execute(Tuple.of(name, SqlTime.of(next))).mapEmpty();
  }

  /** It fires no more until it is put again. */
  static Future<Void> halt(SqlClient tx, String name, String error) {
    return tx.preparedQuery(HALT).execute(Tuple.of(name, error)).mapEmpty();
  }

  /**
   * Notes what has come of one time.
   *
   * @param job null when none was made
   * @param error null when one was
   */
  static Future<Void> fired(SqlClient tx, Due fired, Instant next, UUID job, String error) {
    return tx.preparedQuery(FIRED)
        .execute(Tuple.of(fired.name(), SqlTime.of(next), SqlTime.of(fired.at()), job, error))
        .mapEmpty();
  }

  private static Optional<Due> firstDue(RowSet<Row> rows) {
    if (rows.size() == 0) {
      return Optional.empty();
    }
    Row row = rows.iterator().next();
    return Optional.of(
        new Due(
            row.getString("name"),
            () -> schedule(row),
            SqlTime.get(row, "due"),
            SqlTime.get(row, "now")));
  }

  private static Schedule schedule(Row row) {
    var plan =
        new Plan(
            row.getString("type"),
            new JsonObject(row.getString("payload")),
            row.getString("cron"),
            ZoneId.of(row.getString("time_zone")),
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
   * @param read gives it; throws when its row has what this process does not know
   * @param at that time
   * @param now by the clock of the database
   */
  record Due(String name, Supplier<Schedule> read, Instant at, Instant now) {}
}
