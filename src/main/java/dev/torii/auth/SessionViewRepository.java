package dev.torii.auth;

import dev.torii.auth.AuthApi.Session;
import dev.torii.auth.SessionMirror.Copy;
import dev.torii.auth.SessionMirror.Gone;
import dev.torii.http.Caller.Role;
import dev.torii.postgres.SqlTime;
import dev.torii.tokens.Grant;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What is shown of the table {@code session}; {@link SessionRepository} changes it. */
final class SessionViewRepository {
  private static final String ALIVE =
      """
      SELECT id, device, ip, user_agent, created_at, last_seen_at, expires_at, absolute_expires_at
      FROM session WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
      ORDER BY created_at DESC, id LIMIT $3
      """;

  private static final String LIVING =
      """
      SELECT count(*) AS count, max(created_at) AS newest
      FROM session WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
      """;

  private static final String SHOW_TO_REDIS =
      """
      SELECT s.id, s.user_id, s.created_at, s.last_seen_at, s.expires_at AS session_expires_at,
        s.ip, s.user_agent, s.ended_at,
        t.generation, t.refresh_jti, t.access_jti, t.role, t.kid, t.issued_at,
        t.access_expires_at, t.expires_at
      FROM (SELECT * FROM session WHERE %s ORDER BY id LIMIT $2) s
      LEFT JOIN LATERAL (
        SELECT * FROM refresh_token
        WHERE session_id = s.id AND s.ended_at IS NULL
        ORDER BY generation DESC LIMIT 1) t ON t.issued_at > $3
      ORDER BY s.id
      """;

  /** Each session with its newest link; the inner limit bounds what one statement reads. */
  private static final String PAGE = String.format(SHOW_TO_REDIS, "id > $1");

  private static final String AGAIN = String.format(SHOW_TO_REDIS, "id = ANY($1)");

  /** At most {@code max} living sessions of a user, newest first. */
  Future<List<Session>> alive(SqlClient db, UUID userId, Instant now, int max) {
    return db.preparedQuery(ALIVE)
        .execute(Tuple.of(userId, SqlTime.of(now), max))
        .map(
            rows -> {
              var sessions = new ArrayList<Session>(rows.size());
              rows.forEach(row -> sessions.add(session(row)));
              return sessions;
            });
  }

  /** What there is to say of the living sessions of a user without reading them. */
  Future<Living> living(SqlClient db, UUID userId, Instant now) {
    return db.preparedQuery(LIVING)
        .execute(Tuple.of(userId, SqlTime.of(now)))
        .map(rows -> living(rows.iterator().next()));
  }

  private static Living living(Row row) {
    return new Living(row.getInteger("count"), SqlTime.get(row, "newest"));
  }

  /**
   * Some sessions of all users, by their ids, as Redis should know them.
   *
   * @param since what was last refreshed or ended before is none of Redis's business any more
   */
  Future<List<Copied>> page(SqlClient db, UUID after, Instant since, int limit) {
    return copied(db, PAGE, Tuple.of(after, limit, SqlTime.of(since)), since);
  }

  /** The same of those sessions, as they are now. */
  Future<List<Copied>> again(SqlClient db, List<Copied> rows, Instant since) {
    UUID[] ids = rows.stream().map(Copied::sessionId).toArray(UUID[]::new);
    return copied(db, AGAIN, Tuple.of(ids, ids.length, SqlTime.of(since)), since);
  }

  private static Future<List<Copied>> copied(
      SqlClient db, String sql, Tuple values, Instant since) {
    return db.preparedQuery(sql)
        .execute(values)
        .map(
            rows -> {
              var copied = new ArrayList<Copied>(rows.size());
              rows.forEach(row -> copied.add(copied(row, since)));
              return copied;
            });
  }

  private static Copied copied(Row row, Instant since) {
    Instant endedAt = SqlTime.get(row, "ended_at");
    return new Copied(
        row.getUUID("user_id"),
        row.getUUID("id"),
        endedAt != null && endedAt.isAfter(since),
        SqlTime.get(row, "session_expires_at"),
        row.getValue("generation") == null ? null : copy(row));
  }

  private static Copy copy(Row row) {
    return new Copy(
        new Grant(
            row.getUUID("user_id"),
            row.getUUID("id"),
            row.getInteger("generation"),
            row.getUUID("access_jti"),
            row.getUUID("refresh_jti"),
            Role.parse(row.getString("role")).orElseThrow(),
            row.getString("kid"),
            SqlTime.get(row, "issued_at"),
            SqlTime.get(row, "access_expires_at"),
            SqlTime.get(row, "expires_at")),
        null,
        SqlTime.get(row, "created_at"),
        row.getString("ip"),
        row.getString("user_agent"),
        SqlTime.get(row, "last_seen_at"));
  }

  private static Session session(Row row) {
    return new Session(
        row.getUUID("id"),
        row.getString("device"),
        row.getString("ip"),
        row.getString("user_agent"),
        SqlTime.get(row, "created_at"),
        SqlTime.get(row, "last_seen_at"),
        SqlTime.get(row, "expires_at"),
        SqlTime.get(row, "absolute_expires_at"));
  }

  /**
   * The living sessions of a user.
   *
   * @param newestAt when the newest was opened, null when there is none
   */
  record Living(int count, Instant newestAt) {}

  /**
   * What Redis should know of a session.
   *
   * @param endedLately whether Redis may still have it although it is over
   * @param copy null when Redis need not have it
   */
  record Copied(UUID userId, UUID sessionId, boolean endedLately, Instant expiresAt, Copy copy) {
    boolean isAlive(Instant now) {
      return copy != null && now.isBefore(expiresAt);
    }

    /** Whether this is a later state than the one that {@code written} says Redis was given. */
    boolean isNewsAfter(Map<UUID, Integer> written) {
      return endedLately
          || (copy != null && copy.grant().generation() > written.getOrDefault(sessionId, 0));
    }

    Gone gone() {
      return new Gone(userId, sessionId);
    }
  }
}
