package dev.torii.auth;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Puts the accounts of the demonstration and their profiles into their tables. */
final class DemoAccountRepository {
  private static final String ANY =
      """
      SELECT EXISTS (
        SELECT FROM account JOIN jsonb_to_recordset($1::text::jsonb) AS d (email text)
        ON lower(account.email) = d.email) AS found
      """;

  private static final String ADD =
      """
      WITH demo AS (
        SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS d (
          email text, first_name text, last_name text, phone text, address text,
          date_of_birth date)),
      opened AS (
        INSERT INTO account (email, password_hash) SELECT email, $2 FROM demo
        RETURNING id, email),
      described AS (
        INSERT INTO profile (user_id, first_name, last_name, phone, address, date_of_birth)
        SELECT id, first_name, last_name, phone, address, date_of_birth
        FROM opened JOIN demo USING (email))
      SELECT id, email FROM opened ORDER BY email
      """;

  private DemoAccountRepository() {}

  /**
   * Whether one of them is there.
   *
   * @param demo the accounts as a JSON array
   */
  static Future<Boolean> any(SqlClient tx, String demo) {
    return tx.preparedQuery(ANY)
        .execute(Tuple.of(demo))
        .map(rows -> rows.iterator().next().getBoolean("found"));
  }

  /** Opens all of them with one password. */
  static Future<List<Opened>> add(SqlClient tx, String demo, String hash) {
    return tx.preparedQuery(ADD)
        .execute(Tuple.of(demo, hash))
        .map(
            rows -> {
              List<Opened> opened = new ArrayList<>();
              rows.forEach(
                  row -> opened.add(new Opened(row.getUUID("id"), row.getString("email"))));
              return opened;
            });
  }

  record Opened(UUID userId, String email) {}
}
