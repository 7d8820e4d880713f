package dev.torii.app;

import dev.torii.app.DemoData.Loaded;
import dev.torii.auth.AuthModule;
import dev.torii.auth.DemoAccountsModule;
import dev.torii.bus.Bus;
import dev.torii.catalog.DemoCatalogueModule;
import dev.torii.config.AppConfig;
import dev.torii.postgres.Database;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.postgres.Migrations.Applied;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisServers;
import dev.torii.redis.RedisVerticle;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator does to a database apart from serving it. */
final class Maintenance {
  private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);
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

  /** Brings the schema up to date. */
  Applied migrate() throws StartupException {
    try {
      return Migrations.apply(config.pg().uri());
    } catch (DatabaseUnusableException e) {
      throw new StartupException(e.getMessage(), ExitCode.WRONG_CONFIGURATION, e);
    }
  }

  /** Makes an account with the role admin; refused when the address has an account already. */
  void createAdmin(String email, String password) throws StartupException {
    migrate();
    withDatabase(
        (vertx, database) ->
            Waiting.await(
                AuthModule.createAdmin(vertx, database, config.auth(), email, password, false),
                "making the administrator",
                PATIENCE));
  }

  /** Loads what is not there yet of the demonstration; its users get the password. */
  Loaded loadDemoData(String password) throws StartupException {
    migrate();
    return withDatabase(
        (vertx, database) ->
            Waiting.await(
                DemoAccountsModule.with(vertx, config.auth(), password)
                    .compose(accounts -> DemoData.load(database, accounts)),
                "loading the demo data",
                PATIENCE));
  }

  /** What running processes have read of an empty catalogue lives for some minutes else. */
  void dropCatalogueCaches() {
    Vertx vertx = Vertx.vertx();
    try {
      Waiting.await(dropCatalogueCaches(vertx), "dropping what was cached", PATIENCE);
    } catch (StartupException e) {
      LOG.warn("Redis is away: lists show the demo data when they expire");
    } finally {
      close(vertx);
    }
  }

  private Future<String> dropCatalogueCaches(Vertx vertx) {
    var bus = Bus.install(vertx, config.bus().timeout());
    var servers = new RedisServers(config.redis());
    var redis = new RedisVerticle(bus, config.redis(), servers, new SimpleMeterRegistry());
    Deployable drop = context -> DemoCatalogueModule.dropCaches(new RedisClient(vertx, bus, false));
    return vertx.deployVerticle(redis).compose(deployed -> vertx.deployVerticle(drop));
  }

  private <T> T withDatabase(Task<T> task) throws StartupException {
    Vertx vertx = Vertx.vertx();
    try {
      var database = new Database(vertx, config.pg().uri(), config.pg(), new SimpleMeterRegistry());
      Waiting.await(database.firstAnswer(CONNECT_PATIENCE), "connecting to PostgreSQL", PATIENCE);
      return task.run(vertx, database);
    } finally {
      close(vertx);
    }
  }

  /** What was done is done, however this ends. */
  private static void close(Vertx vertx) {
    try {
      Waiting.await(vertx.close(), "closing", PATIENCE);
    } catch (StartupException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  private interface Task<T> {
    T run(Vertx vertx, Database database) throws StartupException;
  }
}
