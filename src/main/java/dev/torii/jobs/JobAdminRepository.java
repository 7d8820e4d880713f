package dev.torii.jobs;

import dev.torii.jobs.JobAdminApi.LogLine;
import dev.torii.jobs.JobAdminApi.ShownJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.postgres.SqlTime;
import dev.torii.postgres.SqlWhere;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The {@code job} and {@code job_log} tables as operators see them. */
final class JobAdminRepository {
  /** As whole as a list shows them: of what may be long there is nothing. */
  private static final String PAGE =
      """
      SELECT id, type, state, priority, owner, attempt, max_attempts, run_at, created_at,
        updated_at, started_at, finished_at, cancel_reason, error,
        '{}' AS payload, NULL::text AS result, NULL::text AS failures
      FROM job WHERE
      """;

  private static final String SHOW = "SELECT * FROM job WHERE id = $1";

  private static final String LOG =
      "SELECT attempt, at, message FROM job_log WHERE job_id = $1 ORDER BY id DESC LIMIT $2";

  private static final String DEAD =
      """
      SELECT id FROM job WHERE state = 'dead' AND ($1::text IS NULL OR type = $1)
      ORDER BY id LIMIT $2
      """;

  private static final String PURGE =
      """
      DELETE FROM job WHERE id IN (
        SELECT id FROM job WHERE state = 'dead' AND ($1::text IS NULL OR type = $1)
        ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
      """;

  private JobAdminRepository() {}

  /**
   * Jobs, newest first, without payload, result and failures.
   *
   * @param type null for all
   * @param state null for all
   * @param before the last of the page before, null for the first page
   */
  static Future<List<Job>> page(SqlClient db, String type, JobState state, UUID before, int limit) {
    var where =
        new SqlWhere()
            .andIfGiven("type = ?", type)
            .andIfGiven("state = ?", state == null ? null : state.spelling())
            .andIfGiven("id < ?", before);
    String most = where.parameter(limit);
    return db.preparedQuery(PAGE + where.text() + " ORDER BY id DESC LIMIT " + most)
        .execute(where.values())
        .map(
            rows -> {
              List<Job> jobs = new ArrayList<>(rows.size());
              rows.forEach(row -> jobs.add(JobRepository.job(row)));
              return jobs;
            });
  }

  /** One job without its log. */
  static Future<Optional<ShownJob>> find(SqlClient db, UUID id) {
    return db.preparedQuery(SHOW).execute(Tuple.of(id)).map(JobAdminRepository::shown);
  }

  /** The last lines of a job's log, oldest first. */
  static Future<List<LogLine>> log(SqlClient db, UUID id, int most) {
    return db.preparedQuery(LOG)
        .execute(Tuple.of(id, most))
        .map(
            rows -> {
              List<LogLine> lines = new ArrayList<>(rows.size());
              rows.forEach(row -> lines.add(line(row)));
              Collections.reverse(lines);
              return lines;
            });
  }

  /** Dead jobs, oldest first. */
  static Future<List<UUID>> dead(SqlClient db, String type, int most) {
    return db.preparedQuery(DEAD)
        .execute(Tuple.of(type, most))
        .map(
            rows -> {
              List<UUID> ids = new ArrayList<>(rows.size());
              rows.forEach(row -> ids.add(row.getUUID("id")));
              return ids;
            });
  }

  /** Deletes dead jobs, oldest first, and tells how many. */
  static Future<Integer> purge(SqlClient tx, String type, int most) {
    return tx.preparedQuery(PURGE).execute(Tuple.of(type, most)).map(RowSet::rowCount);
  }

  private static Optional<ShownJob> shown(RowSet<Row> rows) {
    if (rows.size() == 0) {
      return Optional.empty();
    }
    Row row = rows.iterator().next();
    return Optional.of(new ShownJob(JobRepository.job(row), row.getShort("progress"), List.of()));
  }

  private static LogLine line(Row row) {
    return new LogLine(row.getInteger("attempt"), SqlTime.get(row, "at"), row.getString("message"));
  }
}
