package dev.torii.auth;

import dev.torii.postgres.SqlTime;
import dev.torii.tokens.TokenClaims;
import dev.torii.tokens.TokenType;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.Optional;

/** What the database, which decides, says of a token; reads the tables of others in one look. */
final class TokenStatusRepository {
  private static final String OWNER =
      """
      SELECT a.email FROM session s JOIN account a ON a.id = s.user_id
      WHERE s.id = $1 AND s.user_id = $2
        AND s.ended_at IS NULL AND s.expires_at > $3 AND a.disabled_at IS NULL
        AND NOT EXISTS (
          SELECT FROM revocation r WHERE r.kind = $4 AND r.id = $5 OR r.kind = 'token' AND r.id = $6)
      """;

  /** A user is revoked up to an instant; see {@link RevocationMemory}. */
  private static final String ACCESS =
      OWNER
          + """
             AND (a.not_before IS NULL OR a.not_before < $7)
             AND NOT EXISTS (
               SELECT FROM revocation r
               WHERE r.kind = 'user' AND r.id = s.user_id::text AND r.created_at >= $7)
          """;

  /** Of a chain only the newest can be spent. */
  private static final String REFRESH =
      OWNER
          + """
             AND EXISTS (
               SELECT FROM refresh_token t
               WHERE t.token_hash = $7 AND t.session_id = s.id AND t.spent_at IS NULL)
          """;

  private static final String IS_KEY_REVOKED =
      "SELECT EXISTS (SELECT FROM revocation WHERE kind = 'token' AND id = $1) AS revoked";

  /** The address of the token's user; empty unless session, account and token are all good. */
  Future<Optional<String>> owner(SqlClient db, PresentedToken token, Instant now) {
    TokenClaims claims = token.claims();
    boolean access = token.type() == TokenType.ACCESS;
    Tuple values =
        Tuple.of(
            claims.sessionId(),
            claims.userId(),
            SqlTime.of(now),
            access ? Revocation.Kind.ACCESS.text() : Revocation.Kind.REFRESH.text(),
            claims.jti().toString(),
            token.hash());
    values.addValue(
        access
            ? SqlTime.of(Instant.ofEpochSecond(claims.issuedAt()))
            : ApiKeyText.bytes(token.hash()));
    return db.preparedQuery(access ? ACCESS : REFRESH)
        .execute(values)
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(rows.iterator().next().getString("email")));
  }

  /** Whether an API key was revoked by its hash alone. */
  Future<Boolean> isKeyRevoked(SqlClient db, String hash) {
    return db.preparedQuery(IS_KEY_REVOKED)
        .execute(Tuple.of(hash))
        .map(rows -> rows.iterator().next().getBoolean("revoked"));
  }
}
