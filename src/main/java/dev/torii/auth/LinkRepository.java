package dev.torii.auth;

import dev.torii.http.Caller.Role;
import dev.torii.postgres.SqlTime;
import dev.torii.tokens.Grant;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** What a refresh reads of a chain of tokens; {@link SessionRepository} changes it. */
final class LinkRepository {
  private static final String FIND =
      """
      SELECT s.id AS session_id, s.user_id, s.created_at, s.ip, s.user_agent, s.ended_at,
        s.expires_at AS session_expires_at, s.absolute_expires_at,
        a.role AS account_role, a.disabled_at, a.not_before,
        t.generation, t.spent_at,
        n.access_jti, n.refresh_jti, n.role, n.kid, n.issued_at, n.access_expires_at,
        n.expires_at, n.spent_at AS next_spent_at, k.retired_at AS key_retired_at
      FROM refresh_token t
      JOIN session s ON s.id = t.session_id
      JOIN account a ON a.id = s.user_id
      LEFT JOIN signing_key k ON k.kid = t.kid
      LEFT JOIN refresh_token n
        ON n.session_id = t.session_id AND n.generation = t.generation + 1
      WHERE t.token_hash = $1
      """;

  /** The link of a refresh token and the one after it. */
  Future<Optional<Link>> find(SqlClient db, Buffer tokenHash) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(tokenHash))
        .map(
            rows ->
                rows.size() == 0 ? Optional.empty() : Optional.of(link(rows.iterator().next())));
  }

  private static Link link(Row row) {
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
}
