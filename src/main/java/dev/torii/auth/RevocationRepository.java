package dev.torii.auth;

import dev.torii.auth.Revocation.Kind;
import dev.torii.postgres.SqlTime;
import dev.torii.tokens.SigningKeyRepository;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The {@code revocation} table, the layer that decides; all its SQL is here. */
final class RevocationRepository {
  /** Transaction id before all others. */
  static final String FROM_THE_START = "0";

  private static final String INSERT = "INSERT INTO revocation (kind, id, exp, created_at) ";

  /** For a user the later instant counts too: up to it tokens are revoked. */
  private static final String KEEP_THE_LONGER =
      " ON CONFLICT (kind, id) DO UPDATE SET"
          + " exp = greatest(revocation.exp, excluded.exp), xid = excluded.xid,"
          + " created_at = greatest(revocation.created_at, excluded.created_at)"
          + " RETURNING seq, kind, id, exp, created_at";

  /**
   * Runs after the sessions' rows were locked by an earlier statement, so that this one's snapshot
   * holds every token that was issued before.
   */
  private static final String REVOKE_SESSIONS =
      INSERT
          + """
          SELECT kind, id, max(exp), $2::timestamptz FROM (
            SELECT 'access' AS kind, access_jti::text AS id,
              access_expires_at + make_interval(secs => $3) AS exp
            FROM refresh_token WHERE session_id = ANY($1)
            UNION ALL
            SELECT 'refresh', refresh_jti::text, expires_at + make_interval(secs => $3)
            FROM refresh_token WHERE session_id = ANY($1) AND spent_at IS NULL) AS token
          WHERE exp > $2
          GROUP BY kind, id ORDER BY kind, id
          """
          + KEEP_THE_LONGER;

  /** The same for access tokens alone. */
  private static final String REVOKE_ACCESS =
      INSERT
          + """
          SELECT 'access', access_jti::text, max(access_expires_at) + make_interval(secs => $3), $2
          FROM refresh_token
          WHERE session_id = ANY($1) AND access_expires_at + make_interval(secs => $3) > $2
          GROUP BY access_jti ORDER BY access_jti
          """
          + KEEP_THE_LONGER;

  private static final String REVOKE_ONE = INSERT + "VALUES ($1, $2, $3, $4)" + KEEP_THE_LONGER;

  /**
   * The snapshot's xmin comes with the rows: every transaction below it has ended and is in this
   * answer or an earlier one, so the next reading starts there. Rows may come twice, none is
   * missed, whatever the order of commits.
   */
  private static final String FOLLOW =
      """
      SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin, %s AS keys,
        r.seq, r.kind, r.id, r.exp, r.created_at
      FROM (SELECT) AS one
      LEFT JOIN revocation r ON r.xid >= $1::text::xid8 AND r.exp > $2 AND r.kind <> 'refresh'
      """
          .formatted(SigningKeyRepository.GENERATION);

  private static final String PAGE =
      """
      SELECT seq, kind, id, exp, created_at FROM revocation
      WHERE (kind = 'refresh') = $1 AND exp > $2 AND seq > $3
      ORDER BY seq LIMIT $4
      """;
  private static final String IS_LISTED =
      """
      SELECT EXISTS (
        SELECT FROM revocation
        WHERE (kind, id) IN (('token', $1), ('refresh', $2)) AND exp > $3) AS found
      """;
  private static final String PURGE =
      """
      DELETE FROM revocation WHERE seq IN (
        SELECT seq FROM revocation WHERE exp < $1 ORDER BY exp LIMIT $2 FOR UPDATE SKIP LOCKED)
      """;

  /**
   * Revokes what was issued for sessions and could still be accepted.
   *
   * @param tx a transaction that has the sessions' rows locked
   * @param skew how long after its end a token is still accepted
   */
  Future<List<Revocation>> revokeSessions(
      SqlClient tx, List<UUID> sessionIds, Instant now, Duration skew) {
    return revoke(tx, REVOKE_SESSIONS, sessionIds, now, skew);
  }

  /** The same for access tokens alone, so that the sessions go on by their refresh tokens. */
  Future<List<Revocation>> revokeAccessOf(
      SqlClient tx, List<UUID> sessionIds, Instant now, Duration skew) {
    return revoke(tx, REVOKE_ACCESS, sessionIds, now, skew);
  }

  /** Revokes one thing by its id; the answer may say that it was revoked for longer before. */
  Future<List<Revocation>> revoke(SqlClient tx, Revocation revocation) {
    return tx.preparedQuery(REVOKE_ONE)
        .execute(
            Tuple.of(
                revocation.kind().text(),
                revocation.id(),
                SqlTime.of(revocation.until()),
                SqlTime.of(revocation.since())))
        .map(RevocationRepository::revocations);
  }

  /**
   * Whether a refresh token is revoked by its text or its id.
   *
   * @param tokenHash SHA-256 of the token in hex
   */
  Future<Boolean> isListed(SqlClient db, String tokenHash, UUID jti, Instant now) {
    return db.preparedQuery(IS_LISTED)
        .execute(Tuple.of(tokenHash, jti.toString(), SqlTime.of(now)))
        .map(rows -> rows.iterator().next().getBoolean("found"));
  }

  private static Future<List<Revocation>> revoke(
      SqlClient tx, String sql, List<UUID> sessionIds, Instant now, Duration skew) {
    if (sessionIds.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    UUID[] ids = sessionIds.toArray(UUID[]::new);
    return tx.preparedQuery(sql)
        .execute(Tuple.of(ids, SqlTime.of(now), (double) skew.toSeconds()))
        .map(RevocationRepository::revocations);
  }

  /**
   * Revocations of access tokens, raw tokens and users that a follower may not know.
   *
   * @param xid the answer's {@link News#next} of the last time, or {@link #FROM_THE_START}
   */
  Future<News> since(SqlClient db, String xid, Instant now) {
    return db.preparedQuery(FOLLOW)
        .execute(Tuple.of(xid, SqlTime.of(now)))
        .map(
            rows -> {
              Row first = rows.iterator().next();
              return new News(first.getString("xmin"), first.getLong("keys"), revocations(rows));
            });
  }

  /** A page of what is in force, by sequence number, refresh tokens or all others. */
  Future<Page> page(SqlClient db, boolean refresh, Instant now, long afterSeq, int limit) {
    return db.preparedQuery(PAGE)
        .execute(Tuple.of(refresh, SqlTime.of(now), afterSeq, limit))
        .map(
            rows -> {
              long last = afterSeq;
              for (Row row : rows) {
                last = row.getLong("seq");
              }
              return new Page(revocations(rows), last, rows.size() == limit);
            });
  }

  /** Deletes at most {@code max} rows that matter to nobody any more. */
  Future<Integer> purge(SqlClient db, Instant before, int max) {
    return db.preparedQuery(PURGE).execute(Tuple.of(SqlTime.of(before), max)).map(RowSet::rowCount);
  }

  private static List<Revocation> revocations(RowSet<Row> rows) {
    var revocations = new ArrayList<Revocation>(rows.size());
    for (Row row : rows) {
      if (row.getValue("seq") != null) {
        revocations.add(
            new Revocation(
                Kind.parse(row.getString("kind")),
                row.getString("id"),
                SqlTime.get(row, "exp"),
                SqlTime.get(row, "created_at")));
      }
    }
    return revocations;
  }

  /**
   * What a follower read.
   *
   * @param next from which transaction id to read the next time
   * @param keys generation of the signing keys, because this reading is the cheapest way to it
   */
  record News(String next, long keys, List<Revocation> revocations) {}

  /** Some rows, the last one's number, and whether there may be more. */
  record Page(List<Revocation> revocations, long lastSeq, boolean more) {}
}
