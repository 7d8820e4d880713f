package dev.torii.auth;

import dev.torii.http.Caller.Role;
import dev.torii.postgres.SqlTime;
import dev.torii.tokens.Grant;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.UUID;

/**
 * One refresh token's place in the chain of its session.
 *
 * @param role what the account is now
 * @param closed whether the session was ended, the account disabled, or the key retired that signed
 *     the token
 * @param spentAt null while the token is the newest of its session
 * @param notBefore tokens of this second or before are not accepted, null when all are
 * @param next what came after it, null when nothing did
 */
record Link(
    UUID sessionId,
    UUID userId,
    int generation,
    Instant createdAt,
    String ip,
    String userAgent,
    Role role,
    Instant expiresAt,
    Instant absoluteExpiresAt,
    boolean closed,
    Instant spentAt,
    boolean nextSpent,
    Instant notBefore,
    Grant next) {
  static Link of(Row row) {
    return new Link(
        row.getUUID("session_id"),
        row.getUUID("user_id"),
        row.getInteger("generation"),
        SqlTime.get(row, "created_at"),
        row.getString("ip"),
        row.getString("user_agent"),
        Role.parse(row.getString("account_role")).orElseThrow(),
        SqlTime.get(row, "session_expires_at"),
        SqlTime.get(row, "absolute_expires_at"),
        row.getValue("ended_at") != null
            || row.getValue("disabled_at") != null
            || row.getValue("key_retired_at") != null,
        SqlTime.get(row, "spent_at"),
        row.getValue("next_spent_at") != null,
        SqlTime.get(row, "not_before"),
        row.getValue("refresh_jti") == null ? null : next(row));
  }

  private static Grant next(Row row) {
    return new Grant(
        row.getUUID("user_id"),
        row.getUUID("session_id"),
        row.getInteger("generation") + 1,
        row.getUUID("access_jti"),
        row.getUUID("refresh_jti"),
        Role.parse(row.getString("role")).orElseThrow(),
        row.getString("kid"),
        SqlTime.get(row, "issued_at"),
        SqlTime.get(row, "access_expires_at"),
        SqlTime.get(row, "expires_at"));
  }

  boolean isAlive(Instant now) {
    return !closed && now.isBefore(expiresAt);
  }
}
