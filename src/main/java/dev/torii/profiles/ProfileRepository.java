package dev.torii.profiles;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The {@code profile} table; all its SQL is in this file. */
final class ProfileRepository {
  private static final String COLUMNS =
      "p.user_id, p.first_name, p.last_name, a.email, p.phone, p.address, p.date_of_birth,"
          + " p.created_at, p.updated_at";

  private static final String FIND =
      "SELECT "
          + COLUMNS
          + " FROM profile p JOIN account a ON a.id = p.user_id WHERE p.user_id = ANY ($1)";

  /**
   * Each refresh sets {@code expires_at} again, so its index begins with the sessions that were
   * used lately. A user may have several: five for each that is wanted are looked at.
   */
  private static final String LATELY_ACTIVE =
      """
      SELECT user_id FROM (
        SELECT user_id, last_seen_at FROM session
        WHERE last_seen_at > now() - make_interval(secs => $1)
        ORDER BY expires_at DESC LIMIT 5 * $2::bigint) AS used
      GROUP BY user_id ORDER BY max(last_seen_at) DESC LIMIT $2
      """;

  /** Each field comes as a pair: whether to change it, and its new value. */
  private static final String UPDATE =
      "UPDATE profile p SET"
          + " first_name = CASE WHEN $2 THEN $3 ELSE p.first_name END,"
          + " last_name = CASE WHEN $4 THEN $5 ELSE p.last_name END,"
          + " phone = CASE WHEN $6 THEN $7 ELSE p.phone END,"
          + " address = CASE WHEN $8 THEN $9 ELSE p.address END,"
          + " date_of_birth = CASE WHEN $10 THEN $11 ELSE p.date_of_birth END,"
          + " updated_at = now()"
          + " FROM account a WHERE a.id = p.user_id AND p.user_id = $1 RETURNING "
          + COLUMNS;

  private ProfileRepository() {}

  static Future<List<Profile>> find(SqlClient db, Collection<UUID> userIds) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(userIds.toArray(UUID[]::new)))
        .map(
            rows -> {
              List<Profile> found = new ArrayList<>();
              rows.forEach(row -> found.add(profile(row)));
              return found;
            });
  }

  /** Changes the named fields, empty when there is no such user. */
  static Future<Optional<Profile>> update(SqlClient db, UUID userId, Map<String, String> fields) {
    Tuple values = Tuple.of(userId);
    for (String field : new String[] {"first_name", "last_name", "phone", "address"}) {
      values.addBoolean(fields.containsKey(field)).addString(fields.get(field));
    }
    String dateOfBirth = fields.get("date_of_birth");
    values
        .addBoolean(fields.containsKey("date_of_birth"))
        .addLocalDate(dateOfBirth == null ? null : LocalDate.parse(dateOfBirth));
    return db.preparedQuery(UPDATE).execute(values).map(ProfileRepository::first);
  }

  /** Users whose sessions were used within {@code window}, those of the latest use first. */
  static Future<List<UUID>> latelyActive(SqlClient db, Duration window, int most) {
    return db.preparedQuery(LATELY_ACTIVE)
        .execute(Tuple.of((double) window.toSeconds(), (long) most))
        .map(
            rows -> {
              List<UUID> found = new ArrayList<>();
              rows.forEach(row -> found.add(row.getUUID("user_id")));
              return found;
            });
  }

  private static Optional<Profile> first(RowSet<Row> rows) {
    for (Row row : rows) {
      return Optional.of(profile(row));
    }
    return Optional.empty();
  }

  private static Profile profile(Row row) {
    return new Profile(
        row.getUUID("user_id"),
        row.getString("first_name"),
        row.getString("last_name"),
        row.getString("email"),
        row.getString("phone"),
        row.getString("address"),
        row.getLocalDate("date_of_birth"),
        row.getOffsetDateTime("created_at"),
        row.getOffsetDateTime("updated_at"));
  }
}
