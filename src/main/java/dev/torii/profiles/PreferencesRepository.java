package dev.torii.profiles;

import dev.torii.postgres.SqlTime;
import dev.torii.writebehind.Write;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The {@code user_preferences} table; all its SQL is in this file. */
final class PreferencesRepository {
  private static final String FIND =
      """
      SELECT a.id AS user_id, p.document::text AS document, p.version
      FROM account a LEFT JOIN user_preferences p ON p.user_id = a.id WHERE a.id = ANY ($1)
      """;

  private static final String WRITE =
      """
      INSERT INTO user_preferences AS p (user_id, document, version, updated_at)
      SELECT w.user_id, w.document::json, w.version, w.at
      FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[])
        AS w (user_id, document, version, at)
      ORDER BY w.user_id
      ON CONFLICT (user_id) DO UPDATE SET document = excluded.document,
        version = excluded.version, updated_at = excluded.updated_at
      WHERE p.version < excluded.version
      """;

  private PreferencesRepository() {}

  /** What is in the table for those users who exist, empty for one who has no preferences. */
  static Future<Map<UUID, Optional<Write>>> find(SqlClient db, Collection<UUID> userIds) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(userIds.toArray(UUID[]::new)))
        .map(
            rows -> {
              Map<UUID, Optional<Write>> found = new HashMap<>();
              rows.forEach(
                  row -> {
                    UUID userId = row.getUUID("user_id");
                    Long version = row.getLong("version");
                    found.put(
                        userId,
                        version == null
                            ? Optional.empty()
                            : Optional.of(
                                new Write(userId.toString(), version, row.getString("document"))));
                  });
              return found;
            });
  }

  /** Replaces the preferences of users with what was accepted, unless that was replaced later. */
  static Future<Void> write(SqlClient tx, List<Write> writes) {
    int count = writes.size();
    var userIds = new UUID[count];
    var documents = new String[count];
    var versions = new Long[count];
    var times = new OffsetDateTime[count];
    for (int i = 0; i < count; i++) {
      Write write = writes.get(i);
      userIds[i] = UUID.fromString(write.key());
      documents[i] = write.body();
      versions[i] = write.version();
      times[i] = SqlTime.of(write.acceptedAt());
    }
    return tx.preparedQuery(WRITE)
        .execute(Tuple.of(userIds, documents, versions, times))
        .mapEmpty();
  }
}
