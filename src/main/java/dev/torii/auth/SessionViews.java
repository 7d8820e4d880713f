package dev.torii.auth;

import dev.torii.auth.AuthApi.Session;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What is shown of the table {@code session}; {@link SessionRepository} changes it. */
final class SessionViews {
  private static final String ALIVE =
      """
      SELECT id, device, ip, user_agent, created_at, last_seen_at, expires_at, absolute_expires_at
      FROM session WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
      ORDER BY created_at DESC, id LIMIT $3
      """;

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
}
