package dev.torii.jobs;

import dev.torii.postgres.Migrations;
import dev.torii.testing.TestServices;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** A database with the schema, and a look into it from outside. */
final class JobTables implements AutoCloseable {
  final String uri = TestServices.freshDatabase();
  private final Connection look;

  JobTables() throws Exception {
    Migrations.apply(uri);
    look = TestServices.connect(uri);
  }

  String state(UUID id) throws SQLException {
    return text("SELECT state FROM job WHERE id = '" + id + "'");
  }

  /** How many jobs have a state. */
  long count(String state) throws SQLException {
    return number("SELECT count(*) FROM job WHERE state = '" + state + "'");
  }

  int sql(String text) throws SQLException {
    try (Statement statement = look.createStatement()) {
      return statement.executeUpdate(text);
    }
  }

  long number(String query) throws SQLException {
    return Long.parseLong(text(query));
  }

  String text(String query) throws SQLException {
    try (Statement statement = look.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  @Override
  public void close() throws SQLException {
    look.close();
  }
}
