package dev.torii.writebehind;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tables {@code pending_write} and {@code refused_write}; all their SQL is in this file. */
final class PendingWriteRepository {
  /** Above every waiting version of the key too, should the clock have gone back. */
  private static final String INSERT =
      """
      INSERT INTO pending_write (kind, key, version, body)
      SELECT $1, w.key, greatest(
          ((floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint << 20)
            + nextval('pending_write_number')),
          $4 + w.number,
          (SELECT max(p.version) + 1 FROM pending_write p WHERE p.kind = $1 AND p.key = w.key)),
        w.body
      FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS w (key, body, number)
      ON CONFLICT (kind, key, version) DO UPDATE SET body = excluded.body
      RETURNING key, version, body
      """;

  private static final String FIND =
      """
      SELECT DISTINCT ON (key) kind, key, version, body FROM pending_write
      WHERE kind = $1 AND key = ANY ($2) ORDER BY key, version DESC
      """;

  private static final String TAKE =
      """
      DELETE FROM pending_write p USING (
        SELECT kind, key, version FROM pending_write WHERE kind = $1
        ORDER BY version LIMIT $2 FOR UPDATE SKIP LOCKED) AS oldest
      WHERE p.kind = oldest.kind AND p.key = oldest.key AND p.version = oldest.version
      RETURNING p.kind, p.key, p.version, p.body
      """;

  private static final String DELETE =
      "DELETE FROM pending_write WHERE kind = $1 AND key = $2 AND version = $3";

  private static final String REFUSE =
      """
      INSERT INTO refused_write (kind, key, version, body, reason) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT DO NOTHING
      """;

  private static final String PURGE_REFUSED =
      "DELETE FROM refused_write WHERE refused_at < now() - make_interval(days => $1)";

  private static final String WAITING =
      """
      SELECT count(*) AS waiting, coalesce(greatest(0,
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint - (min(version) >> 20)), 0) AS lag
      FROM pending_write
      """;

  private PendingWriteRepository() {}

  /** Accepts writes of one kind, with versions above {@code above}. */
  static Future<List<Write>> insert(
      SqlClient db, String kind, List<Map.Entry<String, String>> writes, long above) {
    String[] keys = writes.stream().map(Map.Entry::getKey).toArray(String[]::new);
    String[] bodies = writes.stream().map(Map.Entry::getValue).toArray(String[]::new);
    return db.preparedQuery(INSERT)
        .execute(Tuple.of(kind, keys, bodies, above))
        .map(
            rows -> {
              List<Write> accepted = new ArrayList<>();
              rows.forEach(row -> accepted.add(write(row)));
              return accepted;
            });
  }

  /** The latest waiting write of each key that has one. */
  static Future<Map<String, Write>> find(SqlClient db, String kind, Collection<String> keys) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(kind).addArrayOfString(keys.toArray(String[]::new)))
        .map(
            rows -> {
              Map<String, Write> found = new HashMap<>();
              rows.forEach(row -> found.put(row.getString("key"), write(row)));
              return found;
            });
  }

  /** Takes out the oldest writes of a kind that no other transaction has taken. */
  static Future<List<Pending>> take(SqlClient tx, String kind, int most) {
    return tx.preparedQuery(TAKE)
        .execute(Tuple.of(kind, most))
        .map(
            rows -> {
              List<Pending> taken = new ArrayList<>();
              rows.forEach(row -> taken.add(new Pending(row.getString("kind"), write(row))));
              return taken;
            });
  }

  static Future<Void> delete(SqlClient tx, Pending gone) {
    return tx.preparedQuery(DELETE)
        .execute(Tuple.of(gone.kind, gone.write.key(), gone.write.version()))
        .mapEmpty();
  }

  /** Sets a write aside that the database does not take. */
  static Future<Void> refuse(SqlClient db, Pending refused, String reason) {
    Write write = refused.write;
    return db.preparedQuery(REFUSE)
        .execute(Tuple.of(refused.kind, write.key(), write.version(), write.body(), reason))
        .mapEmpty();
  }

  /** Deletes what was set aside more than {@code days} ago. */
  static Future<Void> purgeRefused(SqlClient db, int days) {
    return db.preparedQuery(PURGE_REFUSED).execute(Tuple.of(days)).mapEmpty();
  }

  /** How many writes wait, and for how long the oldest has. */
  static Future<Waiting> waiting(SqlClient db) {
    return db.preparedQuery(WAITING)
        .execute()
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return new Waiting(row.getLong("waiting"), row.getLong("lag"));
            });
  }

  private static Write write(Row row) {
    return new Write(row.getString("key"), row.getLong("version"), row.getString("body"));
  }

  /** A waiting write with its kind. */
  record Pending(String kind, Write write) {}

  /**
   * What waits.
   *
   * @param lagMillis since the oldest was accepted
   */
  record Waiting(long count, long lagMillis) {}
}
