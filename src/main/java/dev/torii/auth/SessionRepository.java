package dev.torii.auth;

import dev.torii.auth.AccountRepository.Credentials;
import dev.torii.auth.AuthApi.Client;
import dev.torii.auth.SessionMirror.Seen;
import dev.torii.postgres.SqlTime;
import dev.torii.tokens.Grant;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The tables {@code session} and {@code refresh_token}; all their SQL is here.
 *
 * <p>A session's row is locked before anything is issued for it and before it is ended, so of a
 * refresh and a logout at the same moment the one that comes second sees what the first has done.
 * Who locks the account too does that first: refreshes share it, what ends several sessions does
 * not.
 */
final class SessionRepository {
  /**
   * The account is tested again: it may have changed while the password was hashed. Logins of one
   * account come one after the other from here on, so each counts the sessions of those before.
   */
  private static final String LOCK_OWNER =
      """
      SELECT not_before FROM account
      WHERE id = $1 AND password_hash = $2 AND role = $3 AND disabled_at IS NULL
      FOR NO KEY UPDATE
      """;

  private static final String OPEN =
      """
      WITH opened AS (
        INSERT INTO session (id, user_id, created_at, last_seen_at, expires_at,
          absolute_expires_at, ip, user_agent, device)
        VALUES ($1, $2, $3, $3, $5, $6, $7, $8, $9)
        RETURNING id)
      INSERT INTO refresh_token (session_id, generation, role, expires_at, token_hash,
        refresh_jti, access_jti, kid, issued_at, access_expires_at)
      SELECT id, 1, $4, $5, $10, $11, $12, $13, $14, $15 FROM opened
      """;

  /** Of any number at once exactly one finds the token unspent, the others find nothing. */
  private static final String ROTATE =
      """
      WITH owner AS (
        SELECT id FROM account
        WHERE id = $13 AND role = $4 AND disabled_at IS NULL
          AND (not_before IS NULL OR date_trunc('second', not_before) < $11)
        FOR SHARE),
      alive AS (
        SELECT s.id FROM session s JOIN owner ON owner.id = s.user_id
        WHERE s.id = $2 AND s.ended_at IS NULL AND s.expires_at > $3
        FOR UPDATE OF s),
      spent AS (
        UPDATE refresh_token t SET spent_at = $3 FROM alive
        WHERE t.token_hash = $1 AND t.session_id = alive.id AND t.spent_at IS NULL
          AND NOT EXISTS (SELECT FROM signing_key WHERE kid = t.kid AND retired_at IS NOT NULL)
        RETURNING t.session_id),
      seen AS (
        UPDATE session s SET last_seen_at = greatest(last_seen_at, $3), expires_at = $5 FROM spent
        WHERE s.id = spent.session_id)
      INSERT INTO refresh_token (session_id, generation, role, expires_at, token_hash,
        refresh_jti, access_jti, kid, issued_at, access_expires_at)
      SELECT session_id, $6, $4, $5, $7, $8, $9, $10, $11, $12 FROM spent
      """;

  private static final String END =
      """
      UPDATE session SET ended_at = $3, end_reason = $4
      WHERE id = $1 AND user_id = $2 AND ended_at IS NULL
      """;

  private static final String END_ALL =
      """
      UPDATE session SET ended_at = $3, end_reason = $4
      WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $2
      RETURNING id
      """;

  /** The new one stays whatever the clocks of the processes say. */
  private static final String END_OLDEST =
      """
      UPDATE session SET ended_at = $3, end_reason = $4
      WHERE ended_at IS NULL AND id IN (
        SELECT id FROM session
        WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL AND expires_at > $3
        ORDER BY created_at DESC, id OFFSET $5)
      RETURNING id
      """;

  private static final String LOCK_ALIVE =
      "SELECT id FROM session WHERE user_id = $1 AND ended_at IS NULL FOR UPDATE";

  /**
   * Waits for nobody, because others lock the sessions of a user in another order and a deadlock
   * would fail their login. A session that is locked is mostly refreshed or ended by that; else its
   * next use tells. Another process may have told of the same minute.
   */
  private static final String SEEN =
      """
      WITH used AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS u (id, at)),
      free AS (
        SELECT s.id, used.at FROM session s JOIN used ON used.id = s.id
        WHERE s.ended_at IS NULL AND s.last_seen_at <= used.at - make_interval(secs => $3)
        FOR NO KEY UPDATE OF s SKIP LOCKED)
      UPDATE session s SET last_seen_at = free.at FROM free WHERE s.id = free.id
      RETURNING s.user_id, s.id, s.last_seen_at
      """;

  private static final String PURGE_TOKENS =
      """
      DELETE FROM refresh_token WHERE token_hash IN (
        SELECT token_hash FROM refresh_token WHERE expires_at < $1 AND access_expires_at < $1
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
      """;
  private static final String PURGE_SESSIONS =
      """
      DELETE FROM session WHERE id IN (
        SELECT id FROM session s WHERE expires_at < $1
          AND NOT EXISTS (SELECT FROM refresh_token t WHERE t.session_id = s.id)
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
      """;

  /** Locks an account that is what it was when its password was read; empty otherwise. */
  Future<Optional<Owner>> lockOwner(SqlClient tx, Credentials owner) {
    return tx.preparedQuery(LOCK_OWNER)
        .execute(Tuple.of(owner.userId(), owner.passwordHash(), owner.role().spelling()))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(new Owner(SqlTime.get(rows.iterator().next(), "not_before"))));
  }

  /** Opens a session of a locked account with its first link. */
  Future<Void> open(
      SqlClient tx,
      Client client,
      Grant grant,
      Instant createdAt,
      Instant absoluteExpiresAt,
      Buffer tokenHash) {
    Tuple values =
        Tuple.of(
            grant.sessionId(),
            grant.userId(),
            SqlTime.of(createdAt),
            grant.role().spelling(),
            SqlTime.of(grant.refreshExpiresAt()),
            SqlTime.of(absoluteExpiresAt));
    values.addValue(client.ip());
    values.addValue(client.userAgent());
    values.addValue(client.device());
    return tx.preparedQuery(OPEN).execute(addLink(values, grant, tokenHash)).mapEmpty();
  }

  /** Ends the oldest sessions of a locked account, so that with {@code newest} {@code max} live. */
  Future<List<UUID>> endOldest(SqlClient tx, UUID userId, UUID newest, int max, Instant now) {
    return tx.preparedQuery(END_OLDEST)
        .execute(Tuple.of(userId, newest, SqlTime.of(now), EndReason.CAP.text, (long) (max - 1)))
        .map(SessionRepository::ids);
  }

  /**
   * Spends a refresh token and adds the next link, in one statement.
   *
   * @return false when it was spent before, the session ended or the account changed
   */
  Future<Boolean> rotate(SqlClient db, Buffer spentHash, Grant next, Buffer nextHash, Instant now) {
    Tuple values =
        Tuple.of(
            spentHash,
            next.sessionId(),
            SqlTime.of(now),
            next.role().spelling(),
            SqlTime.of(next.refreshExpiresAt()),
            next.generation());
    return db.preparedQuery(ROTATE)
        .execute(addLink(values, next, nextHash).addValue(next.userId()))
        .map(rows -> rows.rowCount() == 1);
  }

  /** Ends a session and keeps its row locked; false when it had ended or is not the user's. */
  Future<Boolean> end(SqlClient tx, UUID sessionId, UUID userId, EndReason reason, Instant now) {
    return tx.preparedQuery(END)
        .execute(Tuple.of(sessionId, userId, SqlTime.of(now), reason.text))
        .map(rows -> rows.rowCount() == 1);
  }

  /**
   * Ends the sessions of a user whose account is locked, and keeps their rows locked.
   *
   * @param except a session that goes on, null for none
   */
  Future<List<UUID>> endAll(SqlClient tx, UUID userId, UUID except, EndReason reason, Instant now) {
    return tx.preparedQuery(END_ALL)
        .execute(Tuple.of(userId, except, SqlTime.of(now), reason.text))
        .map(SessionRepository::ids);
  }

  /** Locks the sessions of a user whose account is locked. */
  Future<List<UUID>> lockAlive(SqlClient tx, UUID userId) {
    return tx.preparedQuery(LOCK_ALIVE).execute(Tuple.of(userId)).map(SessionRepository::ids);
  }

  /** Tells when sessions were used; gives those of which that was news. */
  Future<List<Seen>> seen(SqlClient db, Map<UUID, Instant> seen) {
    var ids = new UUID[seen.size()];
    var times = new OffsetDateTime[seen.size()];
    int next = 0;
    for (Map.Entry<UUID, Instant> entry : seen.entrySet()) {
      ids[next] = entry.getKey();
      times[next++] = SqlTime.of(entry.getValue());
    }
    return db.preparedQuery(SEEN)
        .execute(Tuple.of(ids, times, (double) LastSeen.EVERY.toSeconds()))
        .map(
            rows -> {
              var told = new ArrayList<Seen>(rows.size());
              rows.forEach(row -> told.add(seen(row)));
              return told;
            });
  }

  private static Seen seen(Row row) {
    return new Seen(row.getUUID("user_id"), row.getUUID("id"), SqlTime.get(row, "last_seen_at"));
  }

  /** Deletes links and sessions that ended before {@code before}; at most {@code max} of each. */
  Future<Integer> purge(SqlClient db, Instant before, int max) {
    Tuple values = Tuple.of(SqlTime.of(before), max);
    return db.preparedQuery(PURGE_TOKENS)
        .execute(values)
        .compose(
            tokens ->
                db.preparedQuery(PURGE_SESSIONS)
                    .execute(values)
                    .map(sessions -> Math.max(tokens.rowCount(), sessions.rowCount())));
  }

  private static List<UUID> ids(RowSet<Row> rows) {
    var ids = new ArrayList<UUID>(rows.size());
    rows.forEach(row -> ids.add(row.getUUID("id")));
    return ids;
  }

  private static Tuple addLink(Tuple values, Grant grant, Buffer tokenHash) {
    values.addValue(tokenHash);
    values.addValue(grant.refreshJti());
    values.addValue(grant.accessJti());
    values.addValue(grant.kid());
    values.addValue(SqlTime.of(grant.issuedAt()));
    values.addValue(SqlTime.of(grant.accessExpiresAt()));
    return values;
  }

  /** Why a session ended before its time. */
  enum EndReason {
    LOGOUT("logout"),
    REUSE("reuse"),
    /** By its user from another session, or by an OAuth client that had its refresh token. */
    REVOKED("revoked"),
    PASSWORD("password"),
    DISABLED("disabled"),
    ADMIN("admin"),
    /** The oldest made room for a new one. */
    CAP("cap");

    private final String text;

    EndReason(String text) {
      this.text = text;
    }

    /** Spelling in the database and in the audit log. */
    String text() {
      return text;
    }
  }

  /**
   * A locked account.
   *
   * @param notBefore tokens of this second or before are not accepted, null when all are
   */
  record Owner(Instant notBefore) {}
}
