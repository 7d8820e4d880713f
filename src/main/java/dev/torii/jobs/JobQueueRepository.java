package dev.torii.jobs;

import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The {@code job_queue} table, and the jobs of each type counted. */
final class JobQueueRepository {
  private static final String PAUSE =
      """
      INSERT INTO job_queue (type, paused) VALUES ($1, $2)
      ON CONFLICT (type) DO UPDATE SET paused = excluded.paused, changed_at = now()
        WHERE job_queue.paused <> excluded.paused
      """;

  /** Of jobs that succeeded no index has the types, so a type that nobody has used is slow. */
  private static final String HEARD_OF =
      """
      SELECT EXISTS (SELECT FROM job_queue WHERE type = $1)
        OR EXISTS (SELECT FROM job WHERE type = $1) AS heard_of
      """;

  private static final String PAUSES =
      "SELECT type, changed_at FROM job_queue WHERE paused ORDER BY type";

  /**
   * From one type to the next by the index, so that a long queue costs no more than a short one.
   */
  private static final String WAITING_TYPES =
      """
      WITH RECURSIVE found (type) AS (
        SELECT min(type) FROM job WHERE state = 'queued'
        UNION ALL
        SELECT (SELECT min(type) FROM job WHERE state = 'queued' AND type > f.type)
        FROM found f WHERE f.type IS NOT NULL
      )
      SELECT type FROM found WHERE type IS NOT NULL
      """;

  /** Those that wait of each type up to a number, and of the others up to that number in all. */
  private static final String COUNTS =
      """
      SELECT t.type, 'queued' AS state, c.count, c.oldest
      FROM unnest($1::text[]) AS t (type) CROSS JOIN LATERAL (
        SELECT count(*) AS count, min(run_at) AS oldest FROM (
          SELECT run_at FROM job WHERE state = 'queued' AND type = t.type LIMIT $2) AS counted
      ) AS c
      UNION ALL
      SELECT type, state, count(*), NULL FROM (
        (SELECT type, state FROM job WHERE state = 'scheduled' LIMIT $2)
        UNION ALL (SELECT type, state FROM job WHERE state = 'running' LIMIT $2)
        UNION ALL (SELECT type, state FROM job WHERE state = 'failed' LIMIT $2)
        UNION ALL (SELECT type, state FROM job WHERE state = 'dead' LIMIT $2)
      ) AS others GROUP BY type, state
      """;

  private JobQueueRepository() {}

  /** Whether that was a change. */
  static Future<Boolean> pause(SqlClient tx, String type, boolean paused) {
    return tx.preparedQuery(PAUSE).execute(Tuple.of(type, paused)).map(rows -> rows.rowCount() > 0);
  }

  /** Whether there are jobs of a type, or its queue was paused at any time. */
  static Future<Boolean> heardOf(SqlClient tx, String type) {
    return tx.preparedQuery(HEARD_OF)
        .execute(Tuple.of(type))
        .map(rows -> rows.iterator().next().getBoolean("heard_of"));
  }

  /** The types that are paused. */
  static Future<List<Pause>> pauses(SqlClient db) {
    return db.preparedQuery(PAUSES).execute().map(JobQueueRepository::pauses);
  }

  /** The types of which jobs wait for a worker. */
  static Future<List<String>> waitingTypes(SqlClient db) {
    return db.preparedQuery(WAITING_TYPES)
        .execute()
        .map(
            rows -> {
              List<String> types = new ArrayList<>(rows.size());
              rows.forEach(row -> types.add(row.getString("type")));
              return types;
            });
  }

  /**
   * Jobs of every state in which something is to be done, none left out.
   *
   * @param types of which those that wait are counted
   * @param most where counting ends
   */
  static Future<List<Count>> counts(SqlClient db, Collection<String> types, int most) {
    return db.preparedQuery(COUNTS)
        .execute(Tuple.of(types.toArray(String[]::new), most))
        .map(
            rows -> {
              List<Count> counts = new ArrayList<>(rows.size());
              rows.forEach(row -> counts.add(count(row)));
              return counts;
            });
  }

  private static List<Pause> pauses(RowSet<Row> rows) {
    List<Pause> pauses = new ArrayList<>(rows.size());
    rows.forEach(
        row -> pauses.add(new Pause(row.getString("type"), SqlTime.get(row, "changed_at"))));
    return pauses;
  }

  private static Count count(Row row) {
    return new Count(
        row.getString("type"),
        JobState.of(row.getString("state")),
        row.getInteger("count"),
        SqlTime.get(row, "oldest"));
  }

  /** A type that is paused. */
  record Pause(String type, Instant since) {}

  /**
   * Jobs of one type and state.
   *
   * @param oldest since when the longest waiting is due; null where that is not asked
   */
  record Count(String type, JobState state, int count, Instant oldest) {}
}
