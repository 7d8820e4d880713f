package dev.torii.auth;

import dev.torii.testing.TestServices;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Looks into a database of auth, and changes it, from outside. */
final class AuthRows {
  private final String uri;

  AuthRows(String uri) {
    this.uri = uri;
  }

  /** The first column of every row. */
  List<String> texts(String sql, Object... values) {
    try (Connection connection = TestServices.connect(uri);
        PreparedStatement statement = prepare(connection, sql, values);
        ResultSet rows = statement.executeQuery()) {
      var texts = new ArrayList<String>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first column of the first row. */
  String text(String sql, Object... values) {
    return texts(sql, values).get(0);
  }

  /** The same as an instant. */
  Instant time(String sql, Object... values) {
    String epoch = "SELECT extract(epoch FROM (" + sql + "))";
    return Instant.ofEpochMilli((long) (Double.parseDouble(text(epoch, values)) * 1_000));
  }

  /** Changes rows; returns how many. */
  int run(String sql, Object... values) {
    try (Connection connection = TestServices.connect(uri);
        PreparedStatement statement = prepare(connection, sql, values)) {
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }
}
