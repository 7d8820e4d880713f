package dev.torii.tokens;

import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The {@code signing_key} table; all its SQL is here. */
public final class SigningKeyRepository {
  /**
   * A subquery for those who follow the keys along with something else: a number that changes
   * whenever a key is added or retired, because a key is never deleted nor taken back into use.
   */
  public static final String GENERATION = "(SELECT count(*) + count(retired_at) FROM signing_key)";

  /** Keys that are listed; a year of the shortest sensible rotation. */
  private static final int LISTED = 100;

  private static final String COLUMNS =
      "kid, private_pem, created_at, signs_from, retired_at, longest_life_seconds";

  private static final String ORDER = " ORDER BY signs_from DESC, created_at DESC, kid";

  /** One statement, so that the number is of the same moment as the keys. */
  private static final String FIND_IN_USE =
      "SELECT "
          + GENERATION
          + " AS generation, "
          + COLUMNS
          + " FROM (SELECT) AS one LEFT JOIN signing_key ON retired_at IS NULL"
          + ORDER;

  private static final String LIST =
      "SELECT " + COLUMNS + " FROM signing_key" + ORDER + " LIMIT " + LISTED;

  /** Held until the end of the transaction; the number means nothing but "signing keys". */
  private static final String LOCK = "SELECT pg_advisory_xact_lock(7216002)";

  private static final String INSERT =
      """
      INSERT INTO signing_key (kid, private_pem, created_at, signs_from, longest_life_seconds)
      VALUES ($1, $2, $3, $4, $5)
      """;

  private static final String RETIRE =
      """
      UPDATE signing_key SET retired_at = $2, private_pem = ''
      WHERE kid = $1 AND retired_at IS NULL
      """;

  /** Not when it was retired or stored anew meanwhile. */
  private static final String STORE_ANEW =
      """
      UPDATE signing_key SET private_pem = $3
      WHERE kid = $1 AND private_pem = $2 AND retired_at IS NULL
      """;

  private static final String EXTEND =
      """
      UPDATE signing_key SET longest_life_seconds = $1
      WHERE retired_at IS NULL AND longest_life_seconds < $1
      """;

  SigningKeyRepository() {}

  /** The keys in use, the latest to sign first. */
  Future<InUse> findInUse(SqlClient db) {
    return db.query(FIND_IN_USE)
        .execute()
        .map(rows -> new InUse(rows.iterator().next().getLong("generation"), records(rows)));
  }

  /** The newest keys, retired ones too, the latest to sign first. */
  Future<List<KeyRecord>> list(SqlClient db) {
    return db.query(LIST).execute().map(SigningKeyRepository::records);
  }

  /** Makes other processes wait that want to change keys, until the transaction ends. */
  Future<Void> lock(SqlClient tx) {
    return tx.query(LOCK).execute().mapEmpty();
  }

  Future<Void> add(SqlClient tx, KeyRecord key) {
    return tx.preparedQuery(INSERT)
        .execute(
            Tuple.of(
                key.kid(),
                key.pem(),
                SqlTime.of(key.createdAt()),
                SqlTime.of(key.signsFrom()),
                key.longestLife().toSeconds()))
        .mapEmpty();
  }

  /** Takes a key out of use for good and forgets its private half. */
  Future<Void> retire(SqlClient tx, String kid, Instant now) {
    return tx.preparedQuery(RETIRE).execute(Tuple.of(kid, SqlTime.of(now))).mapEmpty();
  }

  /** Replaces how a private key is stored. */
  Future<Void> storeAnew(SqlClient db, KeyRecord key, String pem) {
    return db.preparedQuery(STORE_ANEW).execute(Tuple.of(key.kid(), key.pem(), pem)).mapEmpty();
  }

  /** Says that the keys in use may sign tokens that live that long. */
  Future<Void> extendTo(SqlClient db, Duration longestLife) {
    return db.preparedQuery(EXTEND).execute(Tuple.of(longestLife.toSeconds())).mapEmpty();
  }

  private static List<KeyRecord> records(RowSet<Row> rows) {
    var records = new ArrayList<KeyRecord>(rows.size());
    for (Row row : rows) {
      if (row.getValue("kid") != null) {
        records.add(
            new KeyRecord(
                row.getString("kid"),
                row.getString("private_pem"),
                SqlTime.get(row, "created_at"),
                SqlTime.get(row, "signs_from"),
                SqlTime.get(row, "retired_at"),
                Duration.ofSeconds(row.getLong("longest_life_seconds"))));
      }
    }
    return records;
  }

  /** Keys in use and the number of {@link #GENERATION} that goes with them. */
  record InUse(long generation, List<KeyRecord> keys) {}
}
