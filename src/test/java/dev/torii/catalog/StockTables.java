package dev.torii.catalog;

import dev.torii.config.PgConfig;
import dev.torii.postgres.Database;
import dev.torii.postgres.Migrations;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A database with the schema, as several processes of Torii use it, and a look from outside. */
final class StockTables implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final String uri = TestServices.freshDatabase();
  private final Connection look;

  StockTables() throws Exception {
    Migrations.apply(uri);
    look = TestServices.connect(uri);
    sql("INSERT INTO category (slug, name) VALUES ('tea', 'Tea')");
  }

  /** What one process has. */
  Database database(Vertx vertx) {
    var config = new PgConfig(uri, 8, 1_000, PATIENCE, PATIENCE, PATIENCE);
    return new Database(vertx, uri, config, new SimpleMeterRegistry());
  }

  /** A new product; gives its id. */
  long product(long stock) throws SQLException {
    return number(
        "INSERT INTO product (name, price_cents, currency, category, stock)"
            + " VALUES ('Assam', 450, 'EUR', 'tea', "
            + stock
            + ") RETURNING id");
  }

  void sql(String text) throws SQLException {
    try (Statement statement = look.createStatement()) {
      statement.execute(text);
    }
  }

  long number(String query) throws SQLException {
    return Long.parseLong(text(query));
  }

  String text(String query) throws SQLException {
    try (Statement statement = look.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  @Override
  public void close() throws SQLException {
    look.close();
  }
}
