package dev.torii.jobs;

import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What keys stand for: the {@code job_request} table, and unique keys of jobs. */
final class JobKeyRepository {
  /** In the order of the numbers, so that two of several keys each do not wait for one another. */
  private static final String LOCK =
      """
      SELECT pg_advisory_xact_lock(h) FROM (
        SELECT DISTINCT hashtextextended(k, 6) AS h FROM unnest($1::text[]) AS k ORDER BY h
        OFFSET 0) AS keys
      """;

  private static final String REQUESTS =
      """
      SELECT r.owner, r.key, r.digest, r.job_id, j.state
      FROM unnest($1::uuid[], $2::text[]) AS a (owner, key)
        JOIN job_request r ON r.owner = a.owner AND r.key = a.key
        LEFT JOIN job j ON j.id = r.job_id
      WHERE r.created_at > now() - interval '24 hours'
      """;

  /**
   * The newest of each state in which a job counts. With the states as rows no other index than
   * that of unique keys serves, whatever the planner thinks of them.
   */
  static final String UNIQUES =
      Database.PLANNED_ANEW
          + """
          SELECT a.type, a.key, j.id, j.state, extract(epoch FROM now() - j.created_at)::float8 AS age
          FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS k (type, key)) AS a
            CROSS JOIN (VALUES ('scheduled'), ('queued'), ('running'), ('succeeded')) AS s (state)
            CROSS JOIN LATERAL (
              SELECT id, state, created_at FROM job
              WHERE type = a.type AND unique_key = a.key AND state = s.state
              ORDER BY created_at DESC LIMIT 1) AS j
          ORDER BY j.created_at DESC
          """;

  /** Of a row of {@code job}: others of its unique key that have not ended. */
  static final String HOLDERS =
      """
      SELECT other.id FROM job AS other
      WHERE other.type = job.type AND other.unique_key = job.unique_key
        AND other.state IN ('scheduled', 'queued', 'running')
      """;

  private static final String KEEP =
      """
      INSERT INTO job_request (owner, key, digest, job_id)
      SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
      ON CONFLICT (owner, key) DO UPDATE
      SET digest = excluded.digest, job_id = excluded.job_id, created_at = now()
      """;

  private JobKeyRepository() {}

  /** An Idempotency-Key of an owner. */
  record RequestKey(UUID owner, String key) {
    /** What {@link #lock} takes for it. */
    String lock() {
      return "request " + owner + " " + key;
    }
  }

  /**
   * What such a key stands for.
   *
   * @param state null when the job was deleted
   */
  record Request(String digest, UUID jobId, JobState state) {}

  /** A unique key of a type. */
  record UniqueKey(String type, String key) {
    /** What {@link #lock} takes for it. */
    String lock() {
      return "unique " + type + " " + key;
    }
  }

  /** A job that has a unique key and did not fail, the newest of its state. */
  record Unique(UUID jobId, JobState state, double ageSeconds) {}

  /** Until the end of the transaction nobody else decides about these keys. */
  static Future<Void> lock(SqlClient tx, List<String> keys) {
    return tx.preparedQuery(LOCK).execute(Tuple.of(keys.toArray(String[]::new))).mapEmpty();
  }

  static Future<Map<RequestKey, Request>> requests(SqlClient tx, List<RequestKey> keys) {
    if (keys.isEmpty()) {
      return Future.succeededFuture(new HashMap<>());
    }
    UUID[] owners = keys.stream().map(RequestKey::owner).toArray(UUID[]::new);
    String[] texts = keys.stream().map(RequestKey::key).toArray(String[]::new);
    return tx.preparedQuery(REQUESTS)
        .execute(Tuple.of(owners, (Object) texts))
        .map(
            rows -> {
              Map<RequestKey, Request> found = new HashMap<>();
              rows.forEach(
                  row ->
                      found.put(
                          new RequestKey(row.getUUID("owner"), row.getString("key")),
                          new Request(row.getString("digest"), row.getUUID("job_id"), state(row))));
              return found;
            });
  }

  /** The latest first. */
  static Future<Map<UniqueKey, List<Unique>>> uniques(SqlClient tx, List<UniqueKey> keys) {
    if (keys.isEmpty()) {
      return Future.succeededFuture(new HashMap<>());
    }
    String[] types = keys.stream().map(UniqueKey::type).toArray(String[]::new);
    String[] texts = keys.stream().map(UniqueKey::key).toArray(String[]::new);
    return tx.preparedQuery(UNIQUES)
        .execute(Tuple.of(types, (Object) texts))
        .map(
            rows -> {
              Map<UniqueKey, List<Unique>> found = new HashMap<>();
              rows.forEach(
                  row ->
                      found
                          .computeIfAbsent(
                              new UniqueKey(row.getString("type"), row.getString("key")),
                              key -> new ArrayList<>())
                          .add(
                              new Unique(
                                  row.getUUID("id"),
                                  JobState.of(row.getString("state")),
                                  row.getDouble("age"))));
              return found;
            });
  }

  private static JobState state(Row row) {
    String spelling = row.getString("state");
    return spelling == null ? null : JobState.of(spelling);
  }

  static Future<Void> keep(SqlClient tx, Map<RequestKey, Request> requests) {
    if (requests.isEmpty()) {
      return Future.succeededFuture();
    }
    int count = requests.size();
    var owners = new UUID[count];
    var keys = new String[count];
    var digests = new String[count];
    var jobs = new UUID[count];
    int i = 0;
    for (Map.Entry<RequestKey, Request> request : requests.entrySet()) {
      owners[i] = request.getKey().owner();
      keys[i] = request.getKey().key();
      digests[i] = request.getValue().digest();
      jobs[i++] = request.getValue().jobId();
    }
    return tx.preparedQuery(KEEP).execute(Tuple.of(owners, keys, digests, jobs)).mapEmpty();
  }
}
