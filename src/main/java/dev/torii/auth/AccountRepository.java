package dev.torii.auth;

import dev.torii.auth.AuthApi.Account;
import dev.torii.http.Caller.Role;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The {@code account} table and the birth of a {@code profile}; all their SQL is here. */
final class AccountRepository {
  private static final String CREATE =
      """
      WITH opened AS (
        INSERT INTO account (email, password_hash, role) VALUES ($1, $2, $3)
        ON CONFLICT (lower(email)) DO NOTHING
        RETURNING id)
      INSERT INTO profile (user_id, first_name, last_name)
      SELECT id, $4, $5 FROM opened
      RETURNING user_id
      """;
  private static final String CREDENTIALS =
      "SELECT id, email, password_hash, role, disabled_at FROM account WHERE lower(email) = $1";
  private static final String CREDENTIALS_BY_ID =
      "SELECT id, email, password_hash, role, disabled_at FROM account WHERE id = $1";

  /** A disabled account keeps its password. */
  private static final String REPLACE_HASH =
      """
      UPDATE account SET password_hash = $3
      WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL
      """;

  /**
   * Where a session is, or was until its owner left it or it made room; not where one was taken
   * away.
   */
  private static final String IS_KNOWN_ADDRESS =
      """
      SELECT EXISTS (
        SELECT FROM session s JOIN account a ON a.id = s.user_id
        WHERE lower(a.email) = $1
          AND (s.end_reason IS NULL OR s.end_reason IN ('logout', 'cap'))
          AND CASE WHEN s.ip = 'unknown' THEN false ELSE s.ip::inet <<= $2::text::inet END)
        AS known
      """;

  private static final String FIND =
      "SELECT id, email, role, created_at, disabled_at FROM account WHERE id = $1";

  /** Comes before every lock on a session of the account; see {@link SessionRepository}. */
  private static final String LOCK = "SELECT 1 FROM account WHERE id = $1 FOR NO KEY UPDATE";

  private static final String PAGE =
      """
      SELECT id, email, role, created_at, disabled_at FROM account
      WHERE (created_at, id) > ($1, $2)
      ORDER BY created_at, id LIMIT $3
      """;

  /** Held until the end of the transaction; the number means nothing but "first admin". */
  private static final String LOCK_ADMINS = "SELECT pg_advisory_xact_lock(7216001)";

  private static final String ANY_ADMIN =
      "SELECT EXISTS (SELECT FROM account WHERE role = 'admin') AS found";

  /** Opens an account and its profile in one statement; empty when the address has one. */
  Future<Optional<UUID>> create(
      SqlClient db, String email, String hash, Role role, String firstName, String lastName) {
    return db.preparedQuery(CREATE)
        .execute(Tuple.of(email, hash, role.spelling(), firstName, lastName))
        .map(rows -> first(rows).map(row -> row.getUUID("user_id")));
  }

  /** What a login needs of the account of that address. */
  Future<Optional<Credentials>> credentials(SqlClient db, String email) {
    return db.preparedQuery(CREDENTIALS)
        .execute(Tuple.of(email))
        .map(rows -> first(rows).map(AccountRepository::credentials));
  }

  /** As {@link #credentials(SqlClient, String)}, by id. */
  Future<Optional<Credentials>> credentials(SqlClient db, UUID id) {
    return db.preparedQuery(CREDENTIALS_BY_ID)
        .execute(Tuple.of(id))
        .map(rows -> first(rows).map(AccountRepository::credentials));
  }

  /** Gives a password another hash; false when it is not the old one any more. */
  Future<Boolean> replaceHash(SqlClient db, UUID id, String oldHash, String newHash) {
    return db.preparedQuery(REPLACE_HASH)
        .execute(Tuple.of(id, oldHash, newHash))
        .map(rows -> rows.rowCount() == 1);
  }

  /**
   * Whether the account of that mail address has a session there, or had one that is remembered.
   *
   * @param network an IPv4 address or a network of IPv6, or "unknown"
   */
  Future<Boolean> isKnownAddress(SqlClient db, String email, String network) {
    if (network.equals("unknown")) {
      return Future.succeededFuture(false);
    }
    return db.preparedQuery(IS_KNOWN_ADDRESS)
        .execute(Tuple.of(email, network))
        .map(rows -> rows.iterator().next().getBoolean("known"));
  }

  Future<Optional<Account>> find(SqlClient db, UUID id) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(id))
        .map(rows -> first(rows).map(AccountRepository::account));
  }

  /** Keeps logins and refreshes of the account waiting until this transaction ends. */
  Future<Void> lock(SqlClient tx, UUID id) {
    return tx.preparedQuery(LOCK).execute(Tuple.of(id)).mapEmpty();
  }

  /** At most {@code limit} accounts, oldest first, behind that place in the order. */
  Future<List<Account>> page(SqlClient db, Instant afterCreatedAt, UUID afterId, int limit) {
    return db.preparedQuery(PAGE)
        .execute(Tuple.of(SqlTime.of(afterCreatedAt), afterId, limit))
        .map(
            rows -> {
              var accounts = new ArrayList<Account>(rows.size());
              rows.forEach(row -> accounts.add(account(row)));
              return accounts;
            });
  }

  /** Keeps other processes from making a first admin until this transaction ends. */
  Future<Boolean> lockAndFindAdmin(SqlClient tx) {
    return tx.query(LOCK_ADMINS)
        .execute()
        .compose(locked -> tx.query(ANY_ADMIN).execute())
        .map(rows -> rows.iterator().next().getBoolean("found"));
  }

  private static Optional<Row> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
  }

  private static Credentials credentials(Row row) {
    return new Credentials(
        row.getUUID("id"),
        row.getString("email"),
        row.getString("password_hash"),
        role(row),
        row.getValue("disabled_at") != null);
  }

  private static Account account(Row row) {
    return new Account(
        row.getUUID("id"),
        row.getString("email"),
        role(row),
        SqlTime.get(row, "created_at"),
        row.getValue("disabled_at") != null);
  }

  private static Role role(Row row) {
    return Role.parse(row.getString("role")).orElseThrow();
  }

  /** What a login is held against. */
  record Credentials(UUID userId, String email, String passwordHash, Role role, boolean disabled) {
    @Override
    public String toString() {
      return "Credentials[" + userId + "]";
    }
  }
}
