package dev.torii.testing;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real Redis and PostgreSQL of the tests, one of each for the JVM.
 *
 * <p>A given server comes first ({@code TEST_REDIS_URI}, {@code TEST_PG_URI}, or the properties
 * {@code test.redis.uri}, {@code test.pg.uri}), then a container where a Docker engine answers,
 * then a server process started here. All that was started ends with the JVM.
 */
public final class TestServices {
  private static final Logger LOG = LoggerFactory.getLogger(TestServices.class);

  private TestServices() {}

  /** The shared Redis; tests keep apart by their keys and never flush it. */
  public static String redisUri() {
    return SharedRedis.URI;
  }

  /** A new, empty database on the shared PostgreSQL, {@code postgresql://user:password@host/…}. */
  public static String freshDatabase() {
    String name = "t" + UUID.randomUUID().toString().replace("-", "");
    try (Connection connection = connect(SharedPostgres.URI);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return withDatabase(SharedPostgres.URI, name);
  }

  /**
   * A Redis process that belongs to the caller alone.
   *
   * @param options further ones as on the command line
   */
  public static RedisProcess freshRedis(String... options) {
    return RedisProcess.start(options);
  }

  /** A PostgreSQL process that belongs to the caller alone; takes about two seconds. */
  public static PostgresProcess freshPostgres() {
    return PostgresProcess.start();
  }

  /** A JDBC connection to a database of {@link #freshDatabase()}, to look into it from outside. */
  public static Connection connect(String uri) throws SQLException {
    URI parsed = URI.create(uri);
    String[] userInfo = parsed.getUserInfo().split(":", 2);
    int port = parsed.getPort() < 0 ? 5432 : parsed.getPort();
    String url = "jdbc:postgresql://" + parsed.getHost() + ":" + port + parsed.getPath();
    return DriverManager.getConnection(url, userInfo[0], userInfo[1]);
  }

  private static String withDatabase(String uri, String name) {
    return URI.create(uri).resolve("/" + name).toString();
  }

  private static String choose(
      String what, String given, Supplier<String> container, Supplier<String> process) {
    if (given != null) {
      return given;
    }
    if (DockerEngine.answers()) {
      try {
        return container.get();
      } catch (RuntimeException e) {
        LOG.warn("No container for {}, so a process of our own: {}", what, e.getMessage());
      }
    }
    return process.get();
  }

  private static String given(String variable, String property) {
    return System.getProperty(property, System.getenv(variable));
  }

  /** Started by the first test that needs it. */
  private static final class SharedRedis {
    static final String URI =
        choose(
            "Redis",
            given("TEST_REDIS_URI", "test.redis.uri"),
            () -> Containers.redis(),
            () -> RedisProcess.start().uri());
  }

  /** Started by the first test that needs it. */
  private static final class SharedPostgres {
    static final String URI =
        choose(
            "PostgreSQL",
            given("TEST_PG_URI", "test.pg.uri"),
            () -> Containers.postgres(),
            () -> PostgresProcess.start().uri());
  }
}
