package dev.torii.auth;

import dev.torii.auth.AuthApi.Account;
import dev.torii.http.Caller.Role;
import dev.torii.postgres.PageCursor;
import dev.torii.postgres.SqlTime;
import dev.torii.postgres.SqlWhere;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
      "SELECT id, password_hash, role, disabled_at FROM account WHERE lower(email) = $1";
  private static final String FIND =
      "SELECT id, email, role, created_at, disabled_at FROM account WHERE id = $1";

  /** Comes before every lock on a session of the account; see {@link SessionRepository}. */
  private static final String LOCK = "SELECT 1 FROM account WHERE id = $1 FOR NO KEY UPDATE";

  private static final String PAGE =
      "SELECT id, email, role, created_at, disabled_at FROM account WHERE ";

  private static final String FIND_AND_LOCK = FIND + " FOR NO KEY UPDATE";

  private static final String ADMIN_BESIDES =
      """
      SELECT EXISTS (
        SELECT FROM account WHERE role = 'admin' AND disabled_at IS NULL AND id <> $1) AS found
      """;

  private static final String SET_ROLE = "UPDATE account SET role = $2 WHERE id = $1";
  private static final String SET_DISABLED = "UPDATE account SET disabled_at = $2 WHERE id = $1";
  private static final String SET_NOT_BEFORE =
      "UPDATE account SET not_before = greatest(not_before, $2) WHERE id = $1";
  private static final String NOT_BEFORE = "SELECT not_before FROM account WHERE id = $1";

  /** Held until the end of the transaction; the number means nothing but "who is an admin". */
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

  Future<Optional<Account>> find(SqlClient db, UUID id) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(id))
        .map(rows -> first(rows).map(AccountRepository::account));
  }

  /** Keeps logins and refreshes of the account waiting until this transaction ends. */
  Future<Void> lock(SqlClient tx, UUID id) {
    return tx.preparedQuery(LOCK).execute(Tuple.of(id)).mapEmpty();
  }

  /**
   * Accounts, oldest first.
   *
   * @param search what the address begins with, or its domain after an {@code @}; null for any
   * @param after where the page before ended, null for the first
   * @param limit most accounts
   */
  Future<List<Account>> page(
      SqlClient db, String search, Role role, Boolean disabled, PageCursor after, int limit) {
    var where = new SqlWhere().andIfGiven("role = ?", role == null ? null : role.spelling());
    if (search != null) {
      addSearch(where, search.toLowerCase(Locale.ROOT));
    }
    if (disabled != null) {
      where.and(disabled ? "disabled_at IS NOT NULL" : "disabled_at IS NULL");
    }
    if (after != null) {
      where.and("(created_at, id) > (?, ?)", SqlTime.of(after.at()), accountId(after));
    }
    String most = where.parameter(limit);
    return db.preparedQuery(PAGE + where.text() + " ORDER BY created_at, id LIMIT " + most)
        .execute(where.values())
        .map(
            rows -> {
              var accounts = new ArrayList<Account>(rows.size());
              rows.forEach(row -> accounts.add(account(row)));
              return accounts;
            });
  }

  /**
   * A prefix as a range of an index, where no character of it means anything else. Addresses are
   * ASCII without control characters, so no address with the prefix lies behind the prefix and DEL.
   */
  private static void addSearch(SqlWhere where, String search) {
    boolean domain = search.startsWith("@");
    String text = domain ? "split_part(lower(email), '@', 2)" : "lower(email)";
    String first = domain ? search.substring(1) : search;
    where.and(
        text + " COLLATE \"C\" >= ? AND " + text + " COLLATE \"C\" < ?", first, first + "\u007f");
  }

  private static UUID accountId(PageCursor cursor) {
    try {
      return UUID.fromString(cursor.id());
    } catch (IllegalArgumentException e) {
      throw PageCursor.invalid();
    }
  }

  /** As {@link #find} and {@link #lock}. */
  Future<Optional<Account>> findAndLock(SqlClient tx, UUID id) {
    return tx.preparedQuery(FIND_AND_LOCK)
        .execute(Tuple.of(id))
        .map(rows -> first(rows).map(AccountRepository::account));
  }

  /**
   * Whether an admin could still log in without {@code id}. True until the transaction ends when it
   * began with {@link #lockAdmins}.
   */
  Future<Boolean> hasAdminBesides(SqlClient tx, UUID id) {
    return tx.preparedQuery(ADMIN_BESIDES)
        .execute(Tuple.of(id))
        .map(rows -> rows.iterator().next().getBoolean("found"));
  }

  Future<Void> setRole(SqlClient tx, UUID id, Role role) {
    return tx.preparedQuery(SET_ROLE).execute(Tuple.of(id, role.spelling())).mapEmpty();
  }

  /** Disables an account since {@code at}, or enables it when that is null. */
  Future<Void> setDisabled(SqlClient tx, UUID id, Instant at) {
    return tx.preparedQuery(SET_DISABLED).execute(Tuple.of(id, SqlTime.of(at))).mapEmpty();
  }

  /** Moves the instant up to which tokens are not accepted; never back. */
  Future<Void> setNotBefore(SqlClient tx, UUID id, Instant at) {
    return tx.preparedQuery(SET_NOT_BEFORE).execute(Tuple.of(id, SqlTime.of(at))).mapEmpty();
  }

  /** The instant up to which tokens are not accepted; null when there is none. */
  Future<Instant> notBefore(SqlClient db, UUID id) {
    return db.preparedQuery(NOT_BEFORE)
        .execute(Tuple.of(id))
        .map(rows -> first(rows).map(row -> SqlTime.get(row, "not_before")).orElse(null));
  }

  /** Lets one transaction at a time change who is an admin; comes before the lock of an account. */
  Future<Void> lockAdmins(SqlClient tx) {
    return tx.query(LOCK_ADMINS).execute().mapEmpty();
  }

  /** Keeps other processes from making a first admin until this transaction ends. */
  Future<Boolean> lockAndFindAdmin(SqlClient tx) {
    return lockAdmins(tx)
        .compose(locked -> tx.query(ANY_ADMIN).execute())
        .map(rows -> rows.iterator().next().getBoolean("found"));
  }

  private static Optional<Row> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
  }

  private static Credentials credentials(Row row) {
    return new Credentials(
        row.getUUID("id"),
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
        SqlTime.get(row, "disabled_at"));
  }

  private static Role role(Row row) {
    return Role.parse(row.getString("role")).orElseThrow();
  }

  /** What a login is held against. */
  record Credentials(UUID userId, String passwordHash, Role role, boolean disabled) {
    @Override
    public String toString() {
      return "Credentials[" + userId + "]";
    }
  }
}
