package dev.torii.jobs;

import dev.torii.postgres.Database;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a worker writes into the {@code job} table. Each statement is for many jobs, and each row is
 * fenced: it is changed only while the process still has the lease of that claim. The attempt would
 * not do, for its number is used again after a hand-back.
 *
 * <p>The planner is not to know how many: arrays stand in sub-selects, of which it expects ten
 * rows, and what is claimed is an array too. So rows are found by their key, never by a scan of the
 * table.
 */
final class JobRunRepository {
  private static final String CLAIM =
      Database.PLANNED_ANEW
          + """
          UPDATE job SET state = 'running', attempt = attempt + 1, claims = claims + 1, worker = $3,
            lease_until = clock_timestamp() + make_interval(secs => $4),
            started_at = clock_timestamp(), updated_at = clock_timestamp(), progress = 0
          WHERE id = ANY (ARRAY(
            SELECT due.id
            FROM (SELECT w.type, w.room FROM unnest($1::text[], $2::int[]) AS w (type, room)
                  WHERE NOT EXISTS (SELECT FROM job_queue q WHERE q.type = w.type AND q.paused)
                  OFFSET 0) AS w
              CROSS JOIN LATERAL (
                SELECT id FROM job WHERE type = w.type AND state = 'queued'
                ORDER BY priority DESC, run_at, id LIMIT w.room
                FOR NO KEY UPDATE SKIP LOCKED) AS due))
          RETURNING id, type, priority, run_at, payload, owner, attempt, max_attempts, created_at,
            started_at, failures, claims
          """;

  private static final String COMPLETE =
      Database.PLANNED_ANEW
          + """
          WITH ended AS (
            UPDATE job j SET
              state = CASE WHEN d.unended AND j.cancel_by IS NOT NULL THEN 'cancelled' ELSE d.state END,
              finished_at = CASE WHEN d.unended AND j.cancel_by IS NULL THEN NULL ELSE now() END,
              run_at = CASE WHEN d.state = 'scheduled'
                THEN now() + make_interval(secs => d.pause / 1e3) ELSE j.run_at END,
              attempt = j.attempt - d.back, result = d.result,
              error = CASE WHEN d.unended AND j.cancel_by IS NOT NULL
                THEN %s
                ELSE d.error END,
              failures = coalesce(d.failures, j.failures), progress = d.progress, updated_at = now(),
              lease_until = NULL, cancel_by = NULL
            FROM (
              SELECT *, state IN ('scheduled', 'queued') AS unended
              FROM unnest((SELECT $2::uuid[]), (SELECT $3::int[]), (SELECT $4::text[]),
                (SELECT $5::int[]), (SELECT $6::text[]), (SELECT $7::text[]), (SELECT $8::text[]),
                (SELECT $9::smallint[]), (SELECT $10::bigint[]))
                AS d (id, claims, state, back, result, error, failures, progress, pause)) AS d
            WHERE j.id = d.id AND j.worker = $1 AND j.claims = d.claims AND j.state = 'running'
              AND j.lease_until > clock_timestamp()
            RETURNING j.id, j.state <> d.state AS cancelled, j.cancel_reason AS reason)
          SELECT now() AS at, array_agg(id) FILTER (WHERE cancelled) AS cancelled,
            array_agg(coalesce(reason, 'cancelled')) FILTER (WHERE cancelled) AS reasons,
            CASE WHEN count(*) < cardinality($2::uuid[]) THEN coalesce(array_agg(id), '{}') END AS ids
          FROM ended
          """
              .formatted(JobChangeRepository.CANCELLATION);

  private static final String COMPLETED =
      Database.PLANNED_ANEW
          + """
          SELECT j.id, j.state <> d.state AS cancelled, coalesce(j.cancel_reason, 'cancelled') AS reason
          FROM unnest((SELECT $2::uuid[]), (SELECT $3::int[]), (SELECT $4::text[]))
              AS d (id, claims, state)
            JOIN job j ON j.id = d.id
          WHERE j.worker = $1 AND j.claims = d.claims
            AND (j.state = d.state OR j.state = 'cancelled' AND d.state IN ('scheduled', 'queued'))
          """;

  private static final String BEAT =
      Database.PLANNED_ANEW
          + """
          UPDATE job j SET lease_until = clock_timestamp() + make_interval(secs => $5),
            progress = d.progress
          FROM unnest((SELECT $2::uuid[]), (SELECT $3::int[]), (SELECT $4::smallint[]))
            AS d (id, claims, progress)
          WHERE j.id = d.id AND j.worker = $1 AND j.claims = d.claims AND j.state = 'running'
            AND j.lease_until > clock_timestamp()
          RETURNING j.id, j.cancel_reason,
            extract(epoch FROM j.cancel_by - clock_timestamp())::float8 * 1000 AS cancel_in
          """;

  /** Of an attempt that has ended too, until the job is claimed again. */
  private static final String LOG =
      Database.PLANNED_ANEW
          + """
          INSERT INTO job_log (job_id, attempt, at, message)
          SELECT j.id, d.attempt, now() - make_interval(secs => d.age / 1e3), d.message
          FROM unnest((SELECT $2::uuid[]), (SELECT $3::int[]), (SELECT $4::bigint[]),
              (SELECT $5::text[]), (SELECT $6::int[]))
              WITH ORDINALITY AS d (id, attempt, age, message, claims, n)
            JOIN job j ON j.id = d.id AND j.worker = $1 AND j.claims = d.claims
              AND (j.state <> 'running' OR j.lease_until > clock_timestamp())
          ORDER BY d.n
          """;

  private static final String SHORTEN_LOGS =
      Database.PLANNED_ANEW
          + """
          DELETE FROM job_log l USING unnest($1::uuid[]) AS j (id)
          WHERE l.job_id = j.id AND l.id <= (
            SELECT k.id FROM job_log k WHERE k.job_id = j.id ORDER BY k.id DESC OFFSET $2 LIMIT 1)
          """;

  /** What a claim whose answer was lost may have given to a process that does not know it. */
  private static final String RELEASE_UNKNOWN =
      Database.PLANNED_ANEW
          + """
          UPDATE job SET state = CASE WHEN cancel_by IS NOT NULL THEN 'cancelled' ELSE 'queued' END,
            finished_at = CASE WHEN cancel_by IS NOT NULL THEN now() END,
            error = CASE WHEN cancel_by IS NULL THEN error
              ELSE %s END,
            attempt = attempt - 1, lease_until = NULL, cancel_by = NULL, updated_at = now()
          WHERE state = 'running' AND worker = $1 AND id <> ALL ($2::uuid[])
          """
              .formatted(JobChangeRepository.CANCELLATION);

  private final UUID worker;

  /**
   * @param worker the process
   */
  JobRunRepository(UUID worker) {
    this.worker = worker;
  }

  /** A heartbeat that was taken; the time left is null when nobody asked for an end. */
  record Beat(UUID id, Double cancelInMillis, String cancelReason) {}

  /** A claim of a job and what became of it. */
  record Ended(UUID id, int claims, Outcome outcome, String failures, int progress) {}

  /**
   * When attempts ended, by the database.
   *
   * @param written null for all of them
   * @param cancelled those of which somebody asked for the end, and which do not go on for that,
   *     with the reasons
   */
  record Written(Instant at, Set<UUID> written, Map<UUID, String> cancelled) {}

  /** A line of a log. */
  record Line(Claimed job, long ageMillis, String text) {}

  /** Takes the most urgent jobs of each type, at most so many, those of paused types left out. */
  Future<List<Claimed>> claim(SqlClient db, Map<String, Integer> room, Duration lease) {
    String[] types = room.keySet().toArray(String[]::new);
    Integer[] counts = room.values().toArray(Integer[]::new);
    return db.preparedQuery(CLAIM)
        .execute(Tuple.of(types, counts, worker, seconds(lease)))
        .map(
            rows -> {
              List<Claimed> claimed = new ArrayList<>(rows.size());
              rows.forEach(row -> claimed.add(claimed(row)));
              claimed.sort(
                  Comparator.comparingInt((Claimed job) -> -job.priority())
                      .thenComparing(Claimed::runAt)
                      .thenComparing(Claimed::id));
              return claimed;
            });
  }

  /** Writes what became of attempts; a row that is not written was lost to another. */
  Future<Written> complete(SqlClient db, List<Ended> ended) {
    int count = ended.size();
    var ids = new UUID[count];
    var claims = new Integer[count];
    var states = new String[count];
    var back = new Integer[count];
    var results = new String[count];
    var errors = new String[count];
    var failures = new String[count];
    var progress = new Short[count];
    var pauses = new Long[count];
    for (int i = 0; i < count; i++) {
      Ended one = ended.get(i);
      Outcome outcome = one.outcome();
      ids[i] = one.id();
      claims[i] = one.claims();
      states[i] = outcome.state().spelling();
      back[i] = outcome.handedBack() ? 1 : 0;
      results[i] = outcome.result();
      errors[i] = outcome.fault() == null ? null : outcome.fault().json().encode();
      failures[i] = one.failures();
      progress[i] = (short) one.progress();
      pauses[i] = outcome.pauseMillis();
    }
    Tuple values = Tuple.tuple().addValue(worker).addValue(ids).addValue(claims);
    values.addValue(states).addValue(back).addValue(results).addValue(errors);
    values.addValue(failures).addValue(progress).addValue(pauses);
    return db.preparedQuery(COMPLETE)
        .execute(values)
        .map(
            rows -> {
              Row row = rows.iterator().next();
              UUID[] written = row.getArrayOfUUIDs("ids");
              Map<UUID, String> cancelled = new HashMap<>();
              UUID[] toEnd = row.getArrayOfUUIDs("cancelled");
              for (int i = 0; toEnd != null && i < toEnd.length; i++) {
                cancelled.put(toEnd[i], row.getArrayOfStrings("reasons")[i]);
              }
              return new Written(
                  SqlTime.get(row, "at"), written == null ? null : Set.of(written), cancelled);
            });
  }

  /**
   * Those among them that were written already, by a statement whose answer was lost.
   *
   * @param at when that is said to have been
   */
  Future<Written> completed(SqlClient db, List<Ended> ended, Instant at) {
    UUID[] ids = ended.stream().map(Ended::id).toArray(UUID[]::new);
    Integer[] claims = ended.stream().map(Ended::claims).toArray(Integer[]::new);
    String[] states =
        ended.stream().map(one -> one.outcome().state().spelling()).toArray(String[]::new);
    return db.preparedQuery(COMPLETED)
        .execute(Tuple.of(worker, ids, claims, states))
        .map(
            rows -> {
              Set<UUID> found = new HashSet<>();
              Map<UUID, String> cancelled = new HashMap<>();
              for (Row row : rows) {
                found.add(row.getUUID("id"));
                if (row.getBoolean("cancelled")) {
                  cancelled.put(row.getUUID("id"), row.getString("reason"));
                }
              }
              return new Written(at, found, cancelled);
            });
  }

  /** Keeps leases; those that are not in the answer are lost. */
  Future<List<Beat>> beat(SqlClient db, List<Attempt> attempts, Duration lease) {
    UUID[] ids = attempts.stream().map(Attempt::id).toArray(UUID[]::new);
    Integer[] numbers = attempts.stream().map(one -> one.job.claims()).toArray(Integer[]::new);
    Short[] progress = attempts.stream().map(one -> (short) one.reached()).toArray(Short[]::new);
    return db.preparedQuery(BEAT)
        .execute(Tuple.of(worker, ids, numbers, progress, seconds(lease)))
        .map(
            rows -> {
              List<Beat> beats = new ArrayList<>(rows.size());
              rows.forEach(
                  row ->
                      beats.add(
                          new Beat(
                              row.getUUID("id"),
                              row.getDouble("cancel_in"),
                              row.getString("cancel_reason"))));
              return beats;
            });
  }

  /** Appends lines to logs, and leaves the last so many of each. */
  Future<Void> log(SqlClient db, List<Line> lines, int most) {
    UUID[] ids = lines.stream().map(line -> line.job().id()).toArray(UUID[]::new);
    Integer[] attempts = lines.stream().map(line -> line.job().attempt()).toArray(Integer[]::new);
    Long[] ages = lines.stream().map(Line::ageMillis).toArray(Long[]::new);
    String[] texts = lines.stream().map(Line::text).toArray(String[]::new);
    Integer[] claims = lines.stream().map(line -> line.job().claims()).toArray(Integer[]::new);
    UUID[] logs = Stream.of(ids).distinct().toArray(UUID[]::new);
    return db.preparedQuery(LOG)
        .execute(Tuple.of(worker, ids, attempts, ages, texts, claims))
        .compose(done -> db.preparedQuery(SHORTEN_LOGS).execute(Tuple.of(logs, most)))
        .mapEmpty();
  }

  /** Hands back what this process has a lease on without knowing it; gives how many. */
  Future<Integer> releaseUnknown(SqlClient db, Set<UUID> known) {
    return db.preparedQuery(RELEASE_UNKNOWN)
        .execute(Tuple.of(worker, (Object) known.toArray(UUID[]::new)))
        .map(rows -> rows.rowCount());
  }

  private static Claimed claimed(Row row) {
    OffsetDateTime at = row.getOffsetDateTime("started_at");
    OffsetDateTime runAt = row.getOffsetDateTime("run_at");
    return new Claimed(
        row.getUUID("id"),
        row.getString("type"),
        row.getShort("priority"),
        runAt.toInstant(),
        row.getString("payload"),
        row.getUUID("owner"),
        row.getInteger("attempt"),
        row.getInteger("max_attempts"),
        SqlTime.get(row, "created_at"),
        at.toInstant(),
        row.getString("failures"),
        row.getInteger("claims"));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
