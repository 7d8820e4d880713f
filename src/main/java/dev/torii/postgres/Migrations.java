package dev.torii.postgres;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Tuple;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * Brings the schema to the version of this program. Processes that start together wait for each
 * other: Flyway holds a lock in the database.
 */
public final class Migrations {
  private static final int CONNECT_TIMEOUT_SECONDS = 5;
  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(CONNECT_TIMEOUT_SECONDS);

  /** Longest silence of the server during a statement; a connection that leads nowhere ends so. */
  private static final int SOCKET_TIMEOUT_SECONDS = 30;

  /** Version of the newest file in {@code db/migration}. */
  static final String NEWEST = "13";

  private static final String IS_APPLIED =
      "SELECT 1 FROM flyway_schema_history WHERE version = $1 AND success";

  private Migrations() {}

  /**
   * Whether the schema is what this program needs, found out with one statement: most starts need
   * no migration, and Flyway takes most of a second to say so.
   *
   * @return false also when the database cannot be asked; {@link #apply} then tells why
   */
  public static Future<Boolean> areApplied(Database database) {
    return database
        .firstAnswer(CONNECT_PATIENCE)
        .compose(
            answered -> database.run(db -> db.preparedQuery(IS_APPLIED).execute(Tuple.of(NEWEST))))
        .map(rows -> rows.size() > 0)
        .otherwise(false);
  }

  /**
   * Applies what is missing; blocks the calling thread.
   *
   * @param uri {@code postgresql://user:password@host:port/database}
   * @throws DatabaseUnusableException when the server cannot be reached, refuses the login, or
   *     holds a schema that this program does not know
   */
  public static Applied apply(String uri) throws DatabaseUnusableException {
    PgConnectOptions options = PgConnectOptions.fromUri(uri);
    String server = options.getHost() + ":" + options.getPort() + "/" + options.getDatabase();
    try {
      MigrateResult result =
          Flyway.configure()
              .dataSource(
                  "jdbc:postgresql://"
                      + server
                      + "?connectTimeout="
                      + CONNECT_TIMEOUT_SECONDS
                      + "&loginTimeout="
                      + CONNECT_TIMEOUT_SECONDS
                      + "&socketTimeout="
                      + SOCKET_TIMEOUT_SECONDS
                      + "&sslmode="
                      + options
                          .getSslMode()
                          .name()
                          .toLowerCase(java.util.Locale.ROOT)
                          .replace('_', '-'),
                  options.getUser(),
                  options.getPassword())
              .locations("classpath:db/migration")
              .failOnMissingLocations(true)
              .load()
              .migrate();
      return new Applied(result.migrationsExecuted);
    } catch (FlywayException e) {
      throw new DatabaseUnusableException("PostgreSQL at " + server + " " + reason(e), e);
    }
  }

  /**
   * What it took.
   *
   * @param migrations how many were applied
   */
  public record Applied(int migrations) {}

  private static String reason(FlywayException failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql && sql.getSQLState() != null) {
        String state = sql.getSQLState();
        if (state.startsWith("08")) {
          return "cannot be reached";
        }
        if (state.startsWith("28")) {
          return "refuses this user or password";
        }
        if (state.equals("3D000")) {
          return "has no such database";
        }
        return "could not be migrated: " + firstLine(sql);
      }
    }
    return "could not be migrated: " + firstLine(failure);
  }

  private static String firstLine(Exception e) {
    return e.getMessage().lines().findFirst().orElse("");
  }
}
