package dev.torii.auth;

import dev.torii.auth.ApiKeysApi.ApiKey;
import dev.torii.http.Scope;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The {@code api_key} table; all its SQL is here. */
final class ApiKeyRepository {
  private static final String COLUMNS =
      "id, name, key_hash, scopes, created_by, created_at, expires_at, last_used_at, revoked_at";

  private static final String CREATE =
      """
      INSERT INTO api_key (id, name, key_hash, scopes, created_by, created_at, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      """;
  private static final String FIND = "SELECT " + COLUMNS + " FROM api_key WHERE key_hash = ANY($1)";
  private static final String PAGE =
      "SELECT "
          + COLUMNS
          + """
           FROM api_key WHERE (created_at, id) > ($1, $2)
          ORDER BY created_at, id LIMIT $3
          """;
  private static final String REVOKE =
      """
      WITH key AS (SELECT id, revoked_at FROM api_key WHERE id = $1 FOR UPDATE)
      UPDATE api_key k SET revoked_at = coalesce(k.revoked_at, $2) FROM key WHERE k.id = key.id
      RETURNING k.key_hash, k.expires_at, key.revoked_at IS NULL AS first
      """;
  private static final String USED =
      """
      UPDATE api_key SET last_used_at = $2
      WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
      """;

  Future<Void> create(SqlClient db, ApiKey key, String hash) {
    return db.preparedQuery(CREATE)
        .execute(
            Tuple.of(
                    key.id(),
                    key.name(),
                    ApiKeyText.bytes(hash),
                    key.scopes().stream().map(Scope::spelling).sorted().toArray(String[]::new),
                    key.createdBy(),
                    SqlTime.of(key.createdAt()))
                .addValue(SqlTime.of(key.expiresAt())))
        .mapEmpty();
  }

  /** The keys of those hashes that exist, by hash; also such that have ended. */
  Future<Map<String, ApiKey>> find(SqlClient db, Collection<String> hashes) {
    Buffer[] bytes = hashes.stream().map(ApiKeyText::bytes).toArray(Buffer[]::new);
    return db.preparedQuery(FIND)
        .execute(Tuple.of(bytes))
        .map(
            rows -> {
              var keys = new HashMap<String, ApiKey>();
              rows.forEach(row -> keys.put(ApiKeyText.hex(row.getBuffer("key_hash")), key(row)));
              return keys;
            });
  }

  /** At most {@code limit} keys, oldest first, behind that place in the order. */
  Future<List<ApiKey>> page(SqlClient db, Instant afterCreatedAt, UUID afterId, int limit) {
    return db.preparedQuery(PAGE)
        .execute(Tuple.of(SqlTime.of(afterCreatedAt), afterId, limit))
        .map(
            rows -> {
              var keys = new ArrayList<ApiKey>(rows.size());
              rows.forEach(row -> keys.add(key(row)));
              return keys;
            });
  }

  /** Ends a key and keeps its row locked; empty when there is none. */
  Future<Optional<Revoked>> revoke(SqlClient tx, UUID id, Instant now) {
    return tx.preparedQuery(REVOKE)
        .execute(Tuple.of(id, SqlTime.of(now)))
        .map(ApiKeyRepository::revoked);
  }

  /** Notes a use, unless one was noted in the minute before. */
  Future<Void> used(SqlClient db, UUID id, Instant at, Duration atMostEvery) {
    return db.preparedQuery(USED)
        .execute(Tuple.of(id, SqlTime.of(at), SqlTime.of(at.minus(atMostEvery))))
        .mapEmpty();
  }

  private static Optional<Revoked> revoked(RowSet<Row> rows) {
    if (rows.size() == 0) {
      return Optional.empty();
    }
    Row row = rows.iterator().next();
    return Optional.of(
        new Revoked(
            ApiKeyText.hex(row.getBuffer("key_hash")),
            SqlTime.get(row, "expires_at"),
            row.getBoolean("first")));
  }

  /** A scope that only a newer Torii knows is good for nothing here. */
  private static ApiKey key(Row row) {
    return new ApiKey(
        row.getUUID("id"),
        row.getString("name"),
        Stream.of(row.getArrayOfStrings("scopes"))
            .flatMap(scope -> Scope.parse(scope).stream())
            .collect(Collectors.toUnmodifiableSet()),
        row.getUUID("created_by"),
        SqlTime.get(row, "created_at"),
        SqlTime.get(row, "expires_at"),
        SqlTime.get(row, "last_used_at"),
        SqlTime.get(row, "revoked_at"));
  }

  /**
   * A key that is not accepted any more.
   *
   * @param first false when it was revoked before
   */
  record Revoked(String hash, Instant expiresAt, boolean first) {}
}
