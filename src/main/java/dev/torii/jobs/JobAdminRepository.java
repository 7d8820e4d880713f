package dev.torii.jobs;

import dev.torii.jobs.JobAdminApi.LogLine;
import dev.torii.jobs.JobAdminApi.ShownJob;
import dev.torii.jobs.JobKeyRepository.UniqueKey;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.postgres.Database;
import dev.torii.postgres.SqlTime;
import dev.torii.postgres.SqlWhere;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.StreamSupport;

/** The {@code job} and {@code job_log} tables as operators see them. */
final class JobAdminRepository {
  /** As whole as a list shows them: of what may be long there is nothing. */
  private static final String PAGE =
      Database.PLANNED_ANEW
          + """
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

  /** Of whose unique key none has not ended; whoever is at one already has it. */
  private static final String LOCK_FREE =
      Database.PLANNED_ANEW
          + """
          SELECT id, type, unique_key FROM job
          WHERE state = 'dead' AND ($1::text IS NULL OR type = $1) AND NOT EXISTS (%s)
          ORDER BY id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
          """
              .formatted(JobKeyRepository.HOLDERS);

  /** As the retry of one job. */
  private static final String RETRY_DEAD =
      Database.PLANNED_ANEW
          + """
          UPDATE job SET state = 'queued', run_at = now(), updated_at = now(), finished_at = NULL,
            max_attempts = attempt + coalesce(
              (SELECT a.most FROM unnest($2::text[], $3::int[]) AS a (type, most)
                WHERE a.type = job.type), $4),
            cancel_by = NULL, cancel_reason = NULL, error = NULL, progress = 0
          WHERE id = ANY ($1) AND NOT EXISTS (%s)
          RETURNING %s
          """
              .formatted(JobKeyRepository.HOLDERS, JobChangeRepository.COLUMNS);

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
    SqlWhere where = where(type, state, before);
    return db.preparedQuery(pageText(where, limit))
        .execute(where.values())
        .map(
            rows -> {
              List<Job> jobs = new ArrayList<>(rows.size());
              rows.forEach(row -> jobs.add(JobRepository.job(row)));
              return jobs;
            });
  }

  /** The state stands in the text, so that the indexes of those in one state can be used. */
  static SqlWhere where(String type, JobState state, UUID before) {
    var where = new SqlWhere();
    if (state != null) {
      where.and("state = '" + state.spelling() + "'");
    }
    return where.andIfGiven("type = ?", type).andIfGiven("id < ?", before);
  }

  static String pageText(SqlWhere where, int limit) {
    String most = where.parameter(limit);
    return PAGE + where.text() + " ORDER BY id DESC LIMIT " + most;
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
   * Queues dead jobs again, oldest first, but of each unique key only one, and none while one of it
   * has not ended.
   *
   * @param type null for all
   * @param attempts further ones of each type
   */
  static Future<Retried> retryDead(
      SqlConnection tx, String type, int most, Map<String, Integer> attempts) {
    return tx.preparedQuery(LOCK_FREE)
        .execute(Tuple.of(type, most + 1))
        .compose(
            rows -> {
              Set<UniqueKey> keys = new HashSet<>();
              List<UUID> ids = new ArrayList<>(rows.size());
              StreamSupport.stream(rows.spliterator(), false)
                  .limit(most)
                  .forEach(row -> addOneOfAKey(row, keys, ids));
              List<String> locks = keys.stream().map(UniqueKey::lock).toList();
              return JobKeyRepository.lock(tx, locks)
                  .compose(locked -> retryThese(tx, ids, attempts))
                  .map(jobs -> new Retried(jobs, rows.size() > most));
            });
  }

  /**
   * Jobs that run again.
   *
   * @param more whether there were others
   */
  record Retried(List<JobChange> jobs, boolean more) {}

  private static void addOneOfAKey(Row row, Set<UniqueKey> keys, List<UUID> ids) {
    String key = row.getString("unique_key");
    if (key == null || keys.add(new UniqueKey(row.getString("type"), key))) {
      ids.add(row.getUUID("id"));
    }
  }

  private static Future<List<JobChange>> retryThese(
      SqlConnection tx, List<UUID> ids, Map<String, Integer> attempts) {
    String[] types = attempts.keySet().toArray(String[]::new);
    Integer[] mosts = attempts.values().toArray(Integer[]::new);
    return tx.preparedQuery(RETRY_DEAD)
        .execute(
            Tuple.of(ids.toArray(UUID[]::new), types, mosts, JobOptions.DEFAULTS.maxAttempts()))
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
