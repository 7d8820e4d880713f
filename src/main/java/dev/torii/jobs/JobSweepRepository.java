package dev.torii.jobs;

import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What any process does in the {@code job} table for those that are gone, and for nobody in
 * particular. Several may do it at once: rows that another has in hand are left to it.
 */
final class JobSweepRepository {
  private static final String RETURNING =
      """

      RETURNING id, type, state, attempt, owner, created_at, updated_at, error, progress
      """;

  private static final String DUE =
      """
      UPDATE job SET state = 'queued', updated_at = now()
      WHERE id = ANY (ARRAY(
        SELECT id FROM job WHERE state = 'scheduled' AND run_at <= now()
        ORDER BY run_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED))
      """
          + RETURNING;

  /** Those whose process gave no sign of life for too long. */
  private static final String ABANDONED =
      """
      UPDATE job SET
        state = CASE WHEN cancel_by IS NOT NULL THEN 'cancelled'
          WHEN attempt >= max_attempts THEN 'dead' ELSE 'queued' END,
        finished_at = CASE WHEN cancel_by IS NOT NULL OR attempt >= max_attempts THEN now() END,
        run_at = now(), updated_at = now(), lease_until = NULL, cancel_by = NULL,
        error = CASE WHEN cancel_by IS NOT NULL
          THEN %s
          ELSE json_build_object('type', 'ProcessLost', 'module', 'dev.torii.jobs',
            'message', 'its process was lost')::text END,
        failures = CASE WHEN cancel_by IS NOT NULL THEN failures ELSE (
          CASE WHEN jsonb_array_length(coalesce(failures::jsonb, '[]')) >= 20
            THEN failures::jsonb - 0 ELSE coalesce(failures::jsonb, '[]') END
          || jsonb_build_array(jsonb_build_object('attempt', attempt,
            'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'type', 'ProcessLost', 'message', 'its process was lost')))::text END
      WHERE id = ANY (ARRAY(
        SELECT id FROM job WHERE state = 'running' AND lease_until <= now()
        ORDER BY lease_until LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED))
      """
              .formatted(JobChangeRepository.CANCELLATION)
          + RETURNING;

  /** Those that were to end and have not. */
  private static final String OVERDUE =
      """
      UPDATE job SET state = 'cancelled', finished_at = now(), updated_at = now(),
        lease_until = NULL, cancel_by = NULL,
        error = %s
      WHERE id = ANY (ARRAY(
        SELECT id FROM job WHERE state = 'running' AND cancel_by <= now()
        ORDER BY cancel_by LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED))
      """
              .formatted(JobChangeRepository.CANCELLATION)
          + RETURNING;

  private static final String NEXT_DUE =
      """
      SELECT extract(epoch FROM min(run_at) - now())::float8 * 1000 AS millis
      FROM job WHERE state = 'scheduled'
      """;

  private static final String DELETE_ENDED =
      """
      DELETE FROM job WHERE id = ANY (ARRAY(
        SELECT id FROM job WHERE state = $1 AND finished_at < now() - make_interval(secs => $2)
        ORDER BY finished_at LIMIT $3 FOR UPDATE SKIP LOCKED))
      """;

  private static final String FORGET_REQUESTS =
      """
      DELETE FROM job_request WHERE (owner, key) IN (
        SELECT owner, key FROM job_request WHERE created_at < now() - interval '24 hours'
        ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        AND created_at < now() - interval '24 hours'
      """;

  private JobSweepRepository() {}

  /** Queues jobs whose time has come, at most so many. */
  static Future<List<JobChange>> due(SqlClient db, int most) {
    return changes(db, DUE, most);
  }

  /** Gives jobs of lost processes another attempt, or ends them. */
  static Future<List<JobChange>> abandoned(SqlClient db, int most) {
    return changes(db, ABANDONED, most);
  }

  /** Ends jobs that were to end before now. */
  static Future<List<JobChange>> overdue(SqlClient db, int most) {
    return changes(db, OVERDUE, most);
  }

  /** Milliseconds until the next waiting job is due; null when none waits. */
  static Future<Double> nextDue(SqlClient db) {
    return db.preparedQuery(NEXT_DUE).execute().map(rows -> rows.iterator().next().getDouble(0));
  }

  /** Deletes jobs that ended long ago; gives how many. */
  static Future<Integer> deleteEnded(SqlClient db, JobState state, Duration age, int most) {
    return db.preparedQuery(DELETE_ENDED)
        .execute(Tuple.of(state.spelling(), (double) age.toSeconds(), most))
        .map(rows -> rows.rowCount());
  }

  /** Forgets keys of requests that are too old to count; gives how many. */
  static Future<Integer> forgetRequests(SqlClient db, int most) {
    return db.preparedQuery(FORGET_REQUESTS).execute(Tuple.of(most)).map(rows -> rows.rowCount());
  }

  private static Future<List<JobChange>> changes(SqlClient db, String statement, int most) {
    return db.preparedQuery(statement)
        .execute(Tuple.of(most))
        .map(
            rows -> {
              List<JobChange> changes = new ArrayList<>(rows.size());
              rows.forEach(row -> changes.add(change(row)));
              return changes;
            });
  }

  private static JobChange change(Row row) {
    return new JobChange(
        row.getUUID("id"),
        row.getString("type"),
        JobState.of(row.getString("state")),
        row.getInteger("attempt"),
        row.getUUID("owner"),
        SqlTime.get(row, "created_at"),
        SqlTime.get(row, "updated_at"),
        null,
        JobFault.read(row.getString("error")),
        row.getShort("progress"));
  }
}
