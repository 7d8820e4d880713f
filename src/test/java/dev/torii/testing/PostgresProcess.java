package dev.torii.testing;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;

/**
 * A PostgreSQL server of its own that a test may stop, kill and start again on the same port and
 * data.
 *
 * <p>The user {@code torii} must give its password, as on a real server; {@code postgres} is
 * trusted and belongs to the tests. Nothing is flushed to the disk, but all survives a killed
 * server.
 */
public final class PostgresProcess implements AutoCloseable {
  static final String USER = "torii";
  static final String PASSWORD = "torii-test";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

  static {
    // The library's own default is shared by all users of a machine, and only the first may write.
    System.setProperty(
        "ot.epg.working-dir",
        Path.of(
                System.getProperty("java.io.tmpdir"),
                "torii-test-postgres-" + System.getProperty("user.name"))
            .toString());
  }

  private final int port = Ports.free();
  private final Path directory = TempDirectories.create("postgres");
  private EmbeddedPostgres server;

  private PostgresProcess() {}

  static PostgresProcess start() {
    var postgres = new PostgresProcess();
    AtExit.close(postgres);
    postgres.startAgain();
    postgres.execute(
        "CREATE ROLE " + USER + " LOGIN CREATEDB PASSWORD '" + PASSWORD + "'",
        "CREATE DATABASE " + USER + " OWNER " + USER);
    return postgres;
  }

  /** URI of the database {@code torii}, which is empty at first. */
  public String uri() {
    return uri(USER);
  }

  public int port() {
    return port;
  }

  /** Creates one more empty database and gives its URI. */
  public String freshDatabase() {
    String name = "t" + UUID.randomUUID().toString().replace("-", "");
    execute("CREATE DATABASE " + name + " OWNER " + USER);
    return uri(name);
  }

  /** Runs statements as the superuser. */
  public void execute(String... statements) {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stops the server, whose connections end at once, and starts it again. */
  public void restart() {
    stop();
    startAgain();
  }

  /** Stops the server; open transactions are rolled back. */
  public void stop() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await("PostgreSQL ends").atMost(START_TIMEOUT).until(() -> !Files.exists(pidFile()));
  }

  /** Ends the server at once; the next start recovers from its log. */
  public void kill() {
    try {
      long pid = Long.parseLong(Files.readAllLines(pidFile()).get(0).strip());
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      await("PostgreSQL ends").atMost(START_TIMEOUT).until(() -> ProcessHandle.of(pid).isEmpty());
      server.close();
      Files.deleteIfExists(pidFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isRunning() {
    return Files.exists(pidFile());
  }

  /** Starts the stopped server. */
  public void startAgain() {
    server =
        await("PostgreSQL starts")
            .atMost(START_TIMEOUT)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(100))
            // After a kill the last processes of the old server may still hold its memory.
            .ignoreExceptions()
            .until(this::launch, started -> started != null);
  }

  @Override
  public void close() {
    AtExit.forget(this);
    if (server != null) {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    TempDirectories.delete(directory);
  }

  private EmbeddedPostgres launch() throws IOException {
    return EmbeddedPostgres.builder()
        .setPort(port)
        .setDataDirectory(directory)
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPGStartupWait(START_TIMEOUT)
        .setServerConfig("max_connections", "200")
        // The library's "off" would lose what was acknowledged before a kill.
        .setServerConfig("synchronous_commit", "on")
        .setDataDirectoryCustomizer(PostgresProcess::askForPasswords)
        .start();
  }

  private static void askForPasswords(File directory) {
    try {
      Path rules = directory.toPath().resolve("pg_hba.conf");
      String passwords = "host all " + USER + " 127.0.0.1/32 scram-sha-256\n";
      String old = Files.readString(rules);
      if (!old.startsWith(passwords)) {
        Files.writeString(rules, passwords + old);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String uri(String database) {
    return "postgresql://" + USER + ":" + PASSWORD + "@127.0.0.1:" + port + "/" + database;
  }

  private Path pidFile() {
    return directory.resolve("postmaster.pid");
  }
}
