package dev.torii.ratelimit;

import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The {@code limit_override} table and its version; all their SQL is here. */
final class LimitOverrideRepository {
  private static final String COLUMNS =
      "rule, subject, admitted, reason, created_by, created_at, expires_at";

  private static final String VERSION = "SELECT version FROM limit_override_version";
  private static final String CHANGE = "UPDATE limit_override_version SET version = version + 1";
  private static final String DROP_ENDED = "DELETE FROM limit_override WHERE expires_at <= $1";
  private static final String COUNT =
      "SELECT count(*) AS others FROM limit_override WHERE (rule, subject) <> ($1, $2)";
  private static final String PUT =
      """
      INSERT INTO limit_override
        (rule, subject, admitted, reason, created_by, created_at, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (rule, subject) DO UPDATE SET
        admitted = excluded.admitted, reason = excluded.reason,
        created_by = excluded.created_by, created_at = excluded.created_at,
        expires_at = excluded.expires_at
      """;
  private static final String REMOVE =
      "DELETE FROM limit_override WHERE rule = $1 AND subject = $2 RETURNING rule";
  private static final String LIVING =
      "SELECT " + COLUMNS + " FROM limit_override WHERE expires_at > $1";
  private static final String PAGE =
      "SELECT "
          + COLUMNS
          + """
           FROM limit_override
          WHERE expires_at > $1 AND (created_at, rule, subject) > ($2, $3, $4)
          ORDER BY created_at, rule, subject LIMIT $5
          """;

  /** Changes whenever an override does. */
  Future<Long> version(SqlClient db) {
    return db.query(VERSION).execute().map(rows -> rows.iterator().next().getLong("version"));
  }

  /** Counts a change, which waits for every other change under way, and drops what has ended. */
  Future<Void> beginChange(SqlClient tx, Instant now) {
    return tx.query(CHANGE)
        .execute()
        .compose(counted -> tx.preparedQuery(DROP_ENDED).execute(Tuple.of(SqlTime.of(now))))
        .mapEmpty();
  }

  /** How many there are beside this one. */
  Future<Long> countOthers(SqlClient tx, String rule, String subject) {
    return tx.preparedQuery(COUNT)
        .execute(Tuple.of(rule, subject))
        .map(rows -> rows.iterator().next().getLong("others"));
  }

  /** Adds or replaces one. */
  Future<Void> put(SqlClient tx, LimitOverride override) {
    return tx.preparedQuery(PUT)
        .execute(
            Tuple.of(
                    override.rule(),
                    override.subject(),
                    override.limit(),
                    override.reason(),
                    override.createdBy(),
                    SqlTime.of(override.createdAt()))
                .addValue(SqlTime.of(override.expiresAt())))
        .mapEmpty();
  }

  /** Whether there was one. */
  Future<Boolean> remove(SqlClient tx, String rule, String subject) {
    return tx.preparedQuery(REMOVE).execute(Tuple.of(rule, subject)).map(rows -> rows.size() > 0);
  }

  /** All that have not ended. */
  Future<List<LimitOverride>> living(SqlClient db, Instant now) {
    return db.preparedQuery(LIVING)
        .execute(Tuple.of(SqlTime.of(now)))
        .map(LimitOverrideRepository::overrides);
  }

  /** At most {@code limit} that have not ended, oldest first, behind that place in the order. */
  Future<List<LimitOverride>> page(
      SqlClient db,
      Instant now,
      Instant afterCreatedAt,
      String afterRule,
      String afterSubject,
      int limit) {
    return db.preparedQuery(PAGE)
        .execute(
            Tuple.of(SqlTime.of(now), SqlTime.of(afterCreatedAt), afterRule, afterSubject, limit))
        .map(LimitOverrideRepository::overrides);
  }

  private static List<LimitOverride> overrides(RowSet<Row> rows) {
    var found = new ArrayList<LimitOverride>(rows.size());
    for (Row row : rows) {
      found.add(
          new LimitOverride(
              row.getString("rule"),
              row.getString("subject"),
              row.getInteger("admitted"),
              row.getString("reason"),
              row.getUUID("created_by"),
              SqlTime.get(row, "created_at"),
              SqlTime.get(row, "expires_at")));
    }
    return found;
  }
}
