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
import java.util.Map;
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

  /** As those are shown it who wait for it: of what they are not there is nothing. */
  private static final String STATUS =
      """
      SELECT id, type, state, priority, owner, attempt, max_attempts, run_at, created_at,
        updated_at, started_at, finished_at, cancel_reason, error, result,
        '{}' AS payload, NULL::text AS failures
      FROM job WHERE id = $1
      """;

  private static final String DEAD =
      """
      SELECT id FROM job WHERE state = 'dead' AND ($1::text IS NULL OR type = $1)
      ORDER BY id
      """;

  /** As the retry of one job; whoever is at one already has it. */
  private static final String RETRY_DEAD =
      """
      UPDATE job SET state = 'queued', run_at = now(), updated_at = now(), finished_at = NULL,
        max_attempts = attempt + coalesce(
          (SELECT a.most FROM unnest($3::text[], $4::int[]) AS a (type, most)
            WHERE a.type = job.type), $5),
        cancel_by = NULL, cancel_reason = NULL, error = NULL, progress = 0
      WHERE id = ANY (ARRAY(%s LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED))
      RETURNING %s
      """
          .formatted(DEAD, JobChangeRepository.COLUMNS);

  private static final String PURGE =
      "DELETE FROM job WHERE id = ANY (ARRAY(" + DEAD + " LIMIT $2 FOR UPDATE SKIP LOCKED))";

  private static final String ANY_DEAD = "SELECT EXISTS (" + DEAD + ") AS any";

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

  /** One job without payload and failures. */
  static Future<Optional<Job>> status(SqlClient db, UUID id) {
    return db.preparedQuery(STATUS)
        .execute(Tuple.of(id))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(JobRepository.job(rows.iterator().next())));
  }

  /**
   * Queues dead jobs again, oldest first.
   *
   * @param type null for all
   * @param attempts further ones of each type
   */
  static Future<List<JobChange>> retryDead(
      SqlClient tx, String type, int most, Map<String, Integer> attempts) {
    String[] types = attempts.keySet().toArray(String[]::new);
    Integer[] mosts = attempts.values().toArray(Integer[]::new);
    return tx.preparedQuery(RETRY_DEAD)
        .execute(Tuple.of(type, most, types, mosts, JobOptions.DEFAULTS.maxAttempts()))
        .map(
            rows -> {
              List<JobChange> jobs = new ArrayList<>(rows.size());
              rows.forEach(row -> jobs.add(JobChangeRepository.job(row)));
              return jobs;
            });
  }

  /** Whether there are dead jobs. */
  static Future<Boolean> anyDead(SqlClient tx, String type) {
    return tx.preparedQuery(ANY_DEAD)
        .execute(Tuple.of(type))
        .map(rows -> rows.iterator().next().getBoolean("any"));
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
