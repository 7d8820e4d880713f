package dev.torii.app;

import dev.torii.auth.AuthModule;
import dev.torii.config.AppConfig;
import dev.torii.postgres.Database;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;

/** What an operator does to a database apart from serving it. */
final class Maintenance {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** For the first connection, which takes longer than a request may wait when much else runs. */
  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(10);

  private final AppConfig config;

  /**
   * @param config in which the database has an address
   */
  Maintenance(AppConfig config) {
    this.config = config;
  }

  /** Brings the schema up to date and says how many steps that took. */
  int migrate() throws StartupException {
    try {
      return Migrations.apply(config.pg().uri());
    } catch (DatabaseUnusableException e) {
      throw new StartupException(e.getMessage(), ExitCode.WRONG_CONFIGURATION, e);
    }
  }

  /** Makes an account with the role admin; refused when the address has an account already. */
  void createAdmin(String email, String password) throws StartupException {
    migrate();
    Vertx vertx = Vertx.vertx();
    try {
      var database = new Database(vertx, config.pg().uri(), config.pg(), new SimpleMeterRegistry());
      Waiting.await(
          database
              .firstAnswer(CONNECT_PATIENCE)
              .compose(
                  answered ->
                      AuthModule.createAdmin(
                          vertx, database, config.auth(), email, password, false)),
          "making the administrator",
          PATIENCE);
    } finally {
      Waiting.await(vertx.close(), "closing", PATIENCE);
    }
  }
}
