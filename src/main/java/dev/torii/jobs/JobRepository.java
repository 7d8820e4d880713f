package dev.torii.jobs;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobKeyRepository.UniqueKey;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToIntFunction;

/** The {@code job} table as those see it who hand jobs in, ask for them, or want them to end. */
final class JobRepository {
  private static final String INSERT =
      """
      WITH made AS (
        INSERT INTO job (id, type, state, priority, payload, owner, max_attempts, run_at,
          created_at, updated_at, unique_key)
        SELECT a.id, a.type, CASE WHEN a.run_at > now() THEN 'scheduled' ELSE 'queued' END,
          a.priority, a.payload, a.owner, a.max_attempts, greatest(a.run_at, now()), now(), now(),
          a.unique_key
        FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::uuid[], $6::int[],
          $7::timestamptz[], $8::text[])
          AS a (id, type, priority, payload, owner, max_attempts, run_at, unique_key)
        ON CONFLICT (id) DO NOTHING
        RETURNING id, state)
      SELECT now() AS at, array_agg(id) FILTER (WHERE state = 'scheduled') AS later,
        CASE WHEN count(*) < cardinality($1::uuid[]) THEN coalesce(array_agg(id), '{}') END AS ids
      FROM made
      """;

  private static final String STATES = "SELECT id, state FROM job WHERE id = ANY ($1)";

  private static final String FIND = "SELECT * FROM job WHERE id = $1";

  private static final String CANCEL =
      """
      UPDATE job SET state = CASE state WHEN 'running' THEN state ELSE 'cancelled' END,
        cancel_by = CASE state WHEN 'running'
          THEN least(cancel_by, now() + make_interval(secs => $3)) END,
        cancel_reason = coalesce($2, cancel_reason), updated_at = clock_timestamp(),
        finished_at = CASE state WHEN 'running' THEN NULL ELSE now() END
      WHERE id = $1 AND state IN ('scheduled', 'queued', 'running')
      RETURNING *
      """;

  private static final String LOCK =
      "SELECT type, unique_key FROM job WHERE id = $1 FOR NO KEY UPDATE";

  /** Attempts are counted on, so that no two of a job have one number. */
  private static final String RETRY =
      """
      UPDATE job SET state = 'queued', max_attempts = attempt + $2, run_at = now(),
        updated_at = now(), finished_at = NULL, cancel_by = NULL, cancel_reason = NULL,
        error = NULL, progress = 0
      WHERE id = $1 AND state IN ('failed', 'dead', 'cancelled') AND NOT EXISTS (%s)
      RETURNING *
      """
          .formatted(JobKeyRepository.HOLDERS);

  private static final String HOLDER =
      "SELECT (%s LIMIT 1) AS holder FROM job WHERE id = $1".formatted(JobKeyRepository.HOLDERS);

  private JobRepository() {}

  /**
   * What was handed in.
   *
   * @param later those that wait for their time
   * @param made null for all of them; others have an id that was taken
   */
  record Inserted(Instant at, Set<UUID> later, Set<UUID> made) {}

  static Future<Inserted> insert(SqlClient db, List<NewEntry> entries) {
    int count = entries.size();
    var ids = new UUID[count];
    var types = new String[count];
    var priorities = new Short[count];
    var payloads = new String[count];
    var owners = new UUID[count];
    var attempts = new Integer[count];
    var times = new OffsetDateTime[count];
    var uniqueKeys = new String[count];
    for (int i = 0; i < count; i++) {
      NewEntry one = entries.get(i);
      ids[i] = one.id();
      types[i] = one.type();
      priorities[i] = (short) one.asked().priority();
      payloads[i] = one.payload();
      owners[i] = one.asked().owner();
      attempts[i] = one.maxAttempts();
      times[i] = SqlTime.of(due(one.asked().runAt()));
      uniqueKeys[i] = one.asked().uniqueKey();
    }
    Tuple values = Tuple.tuple().addValue(ids).addValue(types).addValue(priorities);
    values.addValue(payloads).addValue(owners).addValue(attempts).addValue(times);
    values.addValue(uniqueKeys);
    return db.preparedQuery(INSERT).execute(values).map(JobRepository::inserted);
  }

  /** What is long over is due now, and need not be told to the database, which knows less far. */
  private static Instant due(Instant runAt) {
    return runAt == null || runAt.isBefore(Instant.EPOCH) ? null : runAt;
  }

  /** The states of those that there are. */
  static Future<Map<UUID, JobState>> states(SqlClient db, List<UUID> ids) {
    return db.preparedQuery(STATES)
        .execute(Tuple.of(ids.toArray(UUID[]::new)))
        .map(
            rows -> {
              Map<UUID, JobState> states = new HashMap<>();
              rows.forEach(
                  row -> states.put(row.getUUID("id"), JobState.of(row.getString("state"))));
              return states;
            });
  }

  /** Fails with NOT_FOUND. */
  static Future<Job> find(SqlClient db, UUID id) {
    return db.preparedQuery(FIND).execute(Tuple.of(id)).map(rows -> job(first(rows, id)));
  }

  /** Ends a job that waits, and sets a time for one that runs; CONFLICT when it has ended. */
  static Future<Job> cancel(SqlClient db, UUID id, String reason, Duration grace) {
    return db.preparedQuery(CANCEL)
        .execute(Tuple.of(id, reason, grace.toMillis() / 1e3))
        .compose(rows -> changed(db, id, rows));
  }

  /**
   * Queues a job that did not succeed; CONFLICT when its state is another, or when one of its
   * unique key has not ended.
   *
   * <p>Whoever is at a row and at its key takes the row first, so that no two wait for each other.
   *
   * @param attempts further ones of a type
   */
  static Future<Job> retry(SqlConnection tx, UUID id, ToIntFunction<String> attempts) {
    return tx.preparedQuery(LOCK)
        .execute(Tuple.of(id))
        .map(rows -> first(rows, id))
        .compose(
            row -> {
              String type = row.getString("type");
              return lockKey(tx, type, row.getString("unique_key"))
                  .compose(
                      locked ->
                          tx.preparedQuery(RETRY).execute(Tuple.of(id, attempts.applyAsInt(type))));
            })
        .compose(
            rows ->
                rows.size() > 0
                    ? Future.succeededFuture(job(rows.iterator().next()))
                    : find(tx, id).compose(found -> notRetried(tx, found)));
  }

  private static Future<Void> lockKey(SqlConnection tx, String type, String key) {
    return key == null
        ? Future.succeededFuture()
        : JobKeyRepository.lock(tx, List.of(new UniqueKey(type, key).lock()));
  }

  private static Future<Job> notRetried(SqlConnection tx, Job job) {
    if (!job.state().isFinal() || job.state() == JobState.SUCCEEDED) {
      return conflict(
          job.state() == JobState.SUCCEEDED
              ? "A job that succeeded cannot be run again; hand in a new one"
              : "The job has not ended yet ("
                  + job.state().spelling()
                  + "); it need not be retried");
    }
    return tx.preparedQuery(HOLDER)
        .execute(Tuple.of(job.id()))
        .compose(
            rows ->
                Future.failedFuture(
                    Failure.of(
                        ErrorCode.CONFLICT,
                        "Another job of its unique_key has not ended: "
                            + first(rows, job.id()).getUUID("holder"))));
  }

  private static Future<Job> changed(SqlClient db, UUID id, RowSet<Row> rows) {
    if (rows.size() > 0) {
      return Future.succeededFuture(job(rows.iterator().next()));
    }
    return find(db, id)
        .compose(found -> conflict("The job has already ended (" + found.state().spelling() + ")"));
  }

  private static Future<Job> conflict(String detail) {
    return Future.failedFuture(Failure.of(ErrorCode.CONFLICT, detail));
  }

  private static Row first(RowSet<Row> rows, UUID id) {
    if (rows.size() == 0) {
      throw Failure.of(ErrorCode.NOT_FOUND, "There is no job " + id);
    }
    return rows.iterator().next();
  }

  /** A whole row. */
  static Job job(Row row) {
    String result = row.getString("result");
    String failures = row.getString("failures");
    JobFault fault = JobFault.read(row.getString("error"));
    return new Job(
        row.getUUID("id"),
        row.getString("type"),
        JobState.of(row.getString("state")),
        row.getShort("priority"),
        new JsonObject(row.getString("payload")),
        row.getUUID("owner"),
        row.getInteger("attempt"),
        row.getInteger("max_attempts"),
        SqlTime.get(row, "run_at"),
        SqlTime.get(row, "created_at"),
        SqlTime.get(row, "updated_at"),
        SqlTime.get(row, "started_at"),
        SqlTime.get(row, "finished_at"),
        row.getString("cancel_reason"),
        result == null ? null : new JsonObject(result),
        fault == null ? null : shown(fault),
        failures == null ? new JsonArray() : new JsonArray(failures));
  }

  private static JsonObject shown(JobFault fault) {
    return new JsonObject().put("type", fault.type()).put("message", fault.message());
  }

  private static Inserted inserted(RowSet<Row> rows) {
    Row row = rows.iterator().next();
    UUID[] later = row.getArrayOfUUIDs("later");
    UUID[] made = row.getArrayOfUUIDs("ids");
    return new Inserted(
        SqlTime.get(row, "at"),
        later == null ? Set.of() : Set.of(later),
        made == null ? null : Set.of(made));
  }
}
