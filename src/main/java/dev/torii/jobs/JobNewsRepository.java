package dev.torii.jobs;

import dev.torii.postgres.Database;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is told of jobs as the ledger has it, and the {@code job_teller} table. */
final class JobNewsRepository {
  private static final String FIND =
      "SELECT " + JobChangeRepository.COLUMNS + " FROM job WHERE id = $1";

  private static final String THESE =
      "SELECT " + JobChangeRepository.COLUMNS + " FROM job WHERE id = ANY ($1)";

  private static final String OWNER = "SELECT owner FROM job WHERE id = $1";

  /** For those who are only told that jobs have changed. */
  private static final String BRIEF =
      JobChangeRepository.COLUMNS.replace("result,", "NULL::text AS result,");

  private static final String BEFORE_NOW =
      "SELECT clock_timestamp() - $1::bigint * interval '1 ms' AS moment";

  /** Each state stands in the text, so that its index can be used. */
  static final String UNFINISHED =
      """
      (SELECT id FROM job WHERE state = 'running' LIMIT $1)
      UNION ALL
      (SELECT id FROM job WHERE state = 'scheduled' LIMIT $1)
      UNION ALL
      (SELECT id FROM job WHERE state = 'queued' LIMIT $1)
      """;

  static final String UNFINISHED_SINCE =
      """
      (SELECT id FROM job WHERE state = 'running' AND updated_at >= $1 LIMIT $2)
      UNION ALL
      (SELECT id FROM job
        WHERE state IN ('scheduled', 'queued') AND attempt > 0 AND updated_at >= $1 LIMIT $2)
      """;

  static final String ENDED = ended(JobChangeRepository.COLUMNS);
  private static final String ENDED_BRIEF = ended(BRIEF);

  private static final String BEAT =
      """
      INSERT INTO job_teller (process, told_until, seen_at)
      VALUES ($1, now() - $2::bigint * interval '1 ms', now())
      ON CONFLICT (process)
        DO UPDATE SET told_until = EXCLUDED.told_until, seen_at = EXCLUDED.seen_at
      """;

  private static final String TAKE_DEAD =
      """
      UPDATE job_teller SET seen_at = now() + $2::bigint * interval '1 ms'
      WHERE process IN (
        SELECT process FROM job_teller WHERE seen_at < now() - $1::bigint * interval '1 ms'
        LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING process,
        greatest(0, extract(epoch FROM now() - told_until) * 1000)::bigint AS age
      """;

  private static final String FORGET = "DELETE FROM job_teller WHERE process = $1";

  private JobNewsRepository() {}

  static Future<Optional<JobChange>> find(SqlClient db, UUID id) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(id))
        .map(rows -> told(rows).stream().map(Told::job).findFirst());
  }

  static Future<Optional<UUID>> owner(SqlClient db, UUID id) {
    return db.preparedQuery(OWNER)
        .execute(Tuple.of(id))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(rows.iterator().next().getUUID("owner")));
  }

  static Future<List<Told>> these(SqlClient db, List<UUID> ids) {
    return db.preparedQuery(THESE)
        .execute(Tuple.of(ids.toArray(UUID[]::new)))
        .map(JobNewsRepository::told);
  }

  /** That long before now, by the clock that the ledger has its times from. */
  static Future<Instant> beforeNow(SqlClient db, long millis) {
    return db.preparedQuery(BEFORE_NOW)
        .execute(Tuple.of(millis))
        .map(rows -> SqlTime.get(rows.iterator().next(), "moment"));
  }

  /**
   * Jobs that have not ended, running ones first.
   *
   * @param most of each state
   */
  static Future<List<UUID>> unfinished(SqlClient db, int most) {
    return db.preparedQuery(UNFINISHED).execute(Tuple.of(most)).map(JobNewsRepository::ids);
  }

  /**
   * Jobs that have changed since then and not ended, running ones first; without those that were
   * handed in and never began, of which there may be any number: their start is told.
   *
   * @param most of those that run, and of those that wait for another attempt
   */
  static Future<List<UUID>> unfinishedSince(SqlClient db, Instant since, int most) {
    return db.preparedQuery(UNFINISHED_SINCE)
        .execute(Tuple.of(SqlTime.of(since), most))
        .map(JobNewsRepository::ids);
  }

  /**
   * Jobs that have ended since then, the last first.
   *
   * @param after the one before this page
   */
  static Future<List<Told>> ended(SqlClient db, Instant since, Told after, int most) {
    return ended(db, ENDED, since, after, most);
  }

  /** As {@link #ended}, all in one page and without their results. */
  static Future<List<Told>> endedInBrief(SqlClient db, Instant since, int most) {
    return ended(db, ENDED_BRIEF, since, Told.NEWEST, most);
  }

  private static Future<List<Told>> ended(
      SqlClient db, String query, Instant since, Told after, int most) {
    return db.preparedQuery(query)
        .execute(Tuple.of(SqlTime.of(since), SqlTime.of(after.endedAt()), after.job().id(), most))
        .map(JobNewsRepository::told);
  }

  /**
   * One index can be read in the order of time for each state, and for all of them none: without
   * this each page would sort all that ended.
   */
  private static String ended(String columns) {
    return Stream.of("succeeded", "failed", "dead", "cancelled")
        .map(
            state ->
                "(SELECT "
                    + columns
                    + " FROM job WHERE state = '"
                    + state
                    + "' AND finished_at >= $1 AND finished_at <= $2"
                    + " AND (finished_at, id) < ($2, $3)"
                    + " ORDER BY finished_at DESC, id DESC LIMIT $4)")
        .collect(
            Collectors.joining(
                " UNION ALL ",
                Database.PLANNED_ANEW,
                " ORDER BY finished_at DESC, id DESC LIMIT $4"));
  }

  private static List<UUID> ids(RowSet<Row> rows) {
    List<UUID> ids = new ArrayList<>(rows.size());
    rows.forEach(row -> ids.add(row.getUUID("id")));
    return ids;
  }

  /**
   * A sign of life.
   *
   * @param behindMillis how old the oldest change is that this process may not have told
   */
  static Future<Void> beat(SqlClient db, UUID process, long behindMillis) {
    return db.preparedQuery(BEAT).execute(Tuple.of(process, behindMillis)).mapEmpty();
  }

  /**
   * A process that was silent for so long, taken over for some time so that others do not.
   *
   * @return its id and how long ago it had told all
   */
  static Future<Optional<Dead>> takeDead(SqlClient db, long silentMillis, long takenMillis) {
    return db.preparedQuery(TAKE_DEAD)
        .execute(Tuple.of(silentMillis, takenMillis))
        .map(
            rows -> {
              if (rows.size() == 0) {
                return Optional.empty();
              }
              Row row = rows.iterator().next();
              return Optional.of(new Dead(row.getUUID("process"), row.getLong("age")));
            });
  }

  /** Nothing of this process is left to be told. */
  static Future<Void> forget(SqlClient db, UUID process) {
    return db.preparedQuery(FORGET).execute(Tuple.of(process)).mapEmpty();
  }

  private static List<Told> told(RowSet<Row> rows) {
    List<Told> found = new ArrayList<>(rows.size());
    rows.forEach(
        row -> found.add(new Told(JobChangeRepository.job(row), SqlTime.get(row, "finished_at"))));
    return found;
  }

  /**
   * A job and when it ended.
   *
   * @param endedAt null when it has not
   */
  record Told(JobChange job, Instant endedAt) {
    /** Before every page of {@link #ended}. */
    static final Told NEWEST =
        new Told(
            new JobChange(new UUID(-1, -1), null, null, 0, null, null, null, null, null, 0),
            Instant.parse("9999-01-01T00:00:00Z"));
  }

  /**
   * A process that is silent.
   *
   * @param behindMillis since it had told all that it did
   */
  record Dead(UUID process, long behindMillis) {}
}
