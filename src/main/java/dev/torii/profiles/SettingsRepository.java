package dev.torii.profiles;

import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** The {@code user_settings} table; all its SQL is in this file. */
final class SettingsRepository {
  private static final String FIND =
      """
      SELECT a.id AS user_id, s.document::text AS document, s.updated_at
      FROM account a LEFT JOIN user_settings s ON s.user_id = a.id WHERE a.id = ANY ($1)
      """;

  private static final String PUT =
      """
      INSERT INTO user_settings AS s (user_id, document, updated_at)
      SELECT id, $2::text::json, now() FROM account WHERE id = $1
      ON CONFLICT (user_id)
        DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at
      RETURNING s.user_id, s.document::text AS document, s.updated_at
      """;

  private SettingsRepository() {}

  /** The settings of those users who exist. */
  static Future<Map<UUID, Buffer>> find(SqlClient db, Collection<UUID> userIds) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(userIds.toArray(UUID[]::new)))
        .map(
            rows -> {
              Map<UUID, Buffer> found = new HashMap<>();
              rows.forEach(row -> found.put(row.getUUID("user_id"), json(row)));
              return found;
            });
  }

  /** Replaces the settings of a user and gives them; null when there is no such user. */
  static Future<Buffer> put(SqlClient db, UUID userId, String document) {
    return db.preparedQuery(PUT)
        .execute(Tuple.of(userId, document))
        .map(rows -> rows.size() == 0 ? null : json(rows.iterator().next()));
  }

  private static Buffer json(Row row) {
    var at = SqlTime.get(row, "updated_at");
    return UserDocument.toJson(
        "settings",
        row.getString("document"),
        "",
        at == null ? null : at.truncatedTo(ChronoUnit.MICROS));
  }
}
