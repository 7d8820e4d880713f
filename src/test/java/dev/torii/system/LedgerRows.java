package dev.torii.system;

import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;

/** Jobs written into the ledger by hand, which the next sweep finds due. */
final class LedgerRows {
  private final String database;

  LedgerRows(String database) {
    this.database = database;
  }

  /** A job of {@code owner} that is due now. */
  UUID queued(String type, JsonObject payload, String owner) {
    UUID id = UUID.randomUUID();
    try (Connection connection = TestServices.connect(database);
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO job (id, type, state, payload, owner, max_attempts, run_at,"
                    + " created_at, updated_at)"
                    + " VALUES (?, ?, 'queued', ?, ?, 3, now(), now(), now())")) {
      insert.setObject(1, id);
      insert.setString(2, type);
      insert.setString(3, payload.encode());
      insert.setObject(4, UUID.fromString(owner));
      insert.executeUpdate();
      return id;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
