package dev.torii.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.torii.config.EmbeddedConfig;
import dev.torii.embedded.EmbeddedServers.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded servers as processes: what they keep, what they survive, what they refuse. */
class EmbeddedServersIT {
  private static final EmbeddedConfig ANY_PORT = new EmbeddedConfig(0, 0, false);
  private static final Set<Server> BOTH = EnumSet.allOf(Server.class);

  @TempDir Path dataDir;

  @Test
  void keepsKeysRowsAndAddressesOverARestart() throws Exception {
    String redisUri;
    String pgUri;
    try (EmbeddedServers servers = EmbeddedServers.start(dataDir, ANY_PORT, BOTH)) {
      redisUri = servers.redisUri().orElseThrow();
      pgUri = servers.pgUri().orElseThrow();
      assertThat(redis(redisUri, "SET kept 1")).isEqualTo("+OK");
      sql(pgUri, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)");
    }
    try (EmbeddedServers servers = EmbeddedServers.start(dataDir, ANY_PORT, BOTH)) {
      assertThat(servers.redisUri()).contains(redisUri);
      assertThat(servers.pgUri()).contains(pgUri);
      assertThat(redis(redisUri, "GET kept")).isEqualTo("$1");
      assertThat(query(pgUri, "SELECT id FROM kept")).isEqualTo("7");
    }
  }

  @Test
  void writesSafelyAndListensToThisMachineOnly() throws Exception {
    try (EmbeddedServers servers = EmbeddedServers.start(dataDir, ANY_PORT, BOTH)) {
      String pgUri = servers.pgUri().orElseThrow();
      assertThat(query(pgUri, "SHOW fsync")).isEqualTo("on");
      assertThat(query(pgUri, "SHOW synchronous_commit")).isEqualTo("on");
      assertThat(query(pgUri, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(query(pgUri, "SHOW server_version")).startsWith("18");
      String anonymous = servers.redisUri().orElseThrow().replaceAll("//.*@", "//");
      assertThat(redis(anonymous, "PING")).startsWith("-NOAUTH");
      assertThatThrownBy(() -> query(pgUri.replaceAll(":[0-9a-f]{48}@", ":wrong@"), "SELECT 1"))
          .isInstanceOf(SQLException.class);
      assertThat(Files.getPosixFilePermissions(dataDir.resolve(EmbeddedServers.ADDRESSES)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void startsAgainWhatDies() throws Exception {
    try (EmbeddedServers servers = EmbeddedServers.start(dataDir, ANY_PORT, BOTH)) {
      String redisUri = servers.redisUri().orElseThrow();
      String pgUri = servers.pgUri().orElseThrow();
      redis(redisUri, "SET kept 1");
      long redisPid = kill(dataDir.resolve("redis/redis.pid"));
      long pgPid = kill(dataDir.resolve("postgres/postmaster.pid"));
      await().atMost(Duration.ofSeconds(20)).until(() -> answers(redisUri, pgUri));
      assertThat(pid(dataDir.resolve("redis/redis.pid"))).isNotEqualTo(redisPid);
      assertThat(pid(dataDir.resolve("postgres/postmaster.pid"))).isNotEqualTo(pgPid);
      assertThat(redis(redisUri, "GET kept")).isEqualTo("$1");
    }
  }

  @Test
  void stopsTheServersOfAKilledProcessBeforeItStartsItsOwn() throws Exception {
    Process first = startInAnotherProcess();
    Path redisPid = dataDir.resolve("redis/redis.pid");
    Path pgPid = dataDir.resolve("postgres/postmaster.pid");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.exists(dataDir.resolve(EmbeddedServers.ADDRESSES)));
    ProcessHandle oldRedis = ProcessHandle.of(pid(redisPid)).orElseThrow();
    ProcessHandle oldPostgres = ProcessHandle.of(pid(pgPid)).orElseThrow();
    first.destroyForcibly().waitFor();
    assertThat(oldRedis.isAlive()).isTrue();
    assertThat(oldPostgres.isAlive()).isTrue();
    try (EmbeddedServers servers = EmbeddedServers.start(dataDir, ANY_PORT, BOTH)) {
      assertThat(oldRedis.isAlive()).isFalse();
      assertThat(oldPostgres.isAlive()).isFalse();
      assertThat(answers(servers.redisUri().orElseThrow(), servers.pgUri().orElseThrow())).isTrue();
    }
  }

  @Test
  void doesNotTouchAStrangerThatHasTheNumberOfAnOldServer() throws Exception {
    EmbeddedServers.start(dataDir, ANY_PORT, BOTH).close();
    Process stranger = new ProcessBuilder("tail", "-f", "/dev/null").start();
    try {
      String lines = stranger.pid() + "\n" + dataDir + "\n";
      Files.writeString(dataDir.resolve("redis/redis.pid"), lines);
      Files.writeString(dataDir.resolve("postgres/postmaster.pid"), lines);
      try (EmbeddedServers servers = EmbeddedServers.start(dataDir, ANY_PORT, BOTH)) {
        assertThat(stranger.isAlive()).isTrue();
        assertThat(servers.pgUri()).isPresent();
      }
    } finally {
      stranger.destroyForcibly().waitFor();
    }
  }

  @Test
  void refusesADirectoryInUseAndSaysHowToJoin() throws Exception {
    try (EmbeddedServers servers =
        EmbeddedServers.start(dataDir, ANY_PORT, EnumSet.of(Server.REDIS))) {
      assertThatThrownBy(() -> EmbeddedServers.start(dataDir, ANY_PORT, BOTH))
          .isInstanceOf(EmbeddedException.class)
          .hasMessageContaining(dataDir.toRealPath().toString())
          .hasMessageContaining("TORII_REDIS_URI and TORII_PG_URI");
      assertThat(EmbeddedServers.running(dataDir))
          .hasValueSatisfying(
              addresses ->
                  assertThat(addresses.redisUri()).isEqualTo(servers.redisUri().orElseThrow()));
    }
    assertThat(EmbeddedServers.running(dataDir)).isEmpty();
  }

  private Process startInAnotherProcess() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Holder.class.getName(),
            dataDir.toString())
        .redirectErrorStream(true)
        .redirectOutput(dataDir.resolve("holder.log").toFile())
        .start();
  }

  /** Starts both servers and stays until it is killed. */
  static final class Holder {
    public static void main(String[] args) throws Exception {
      EmbeddedServers.start(Path.of(args[0]), ANY_PORT, BOTH);
      Thread.currentThread().join();
    }
  }

  private static boolean answers(String redisUri, String pgUri) {
    try {
      return redis(redisUri, "PING").equals("+PONG") && query(pgUri, "SELECT 1").equals("1");
    } catch (IOException | SQLException e) {
      return false;
    }
  }

  private static long kill(Path pidFile) throws Exception {
    ProcessHandle server = ProcessHandle.of(pid(pidFile)).orElseThrow();
    server.destroyForcibly();
    server.onExit().get();
    return server.pid();
  }

  private static long pid(Path pidFile) throws IOException {
    return Long.parseLong(Files.readAllLines(pidFile).get(0).strip());
  }

  /** First line of the answer to {@code command}. */
  private static String redis(String uri, String command) throws IOException {
    URI address = URI.create(uri);
    String user = address.getUserInfo();
    String login = user == null ? "" : "AUTH " + user.substring(1) + "\r\n";
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(5000);
      socket
          .getOutputStream()
          .write((login + command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      var answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String first = answers.readLine();
      String answer = login.isEmpty() ? first : answers.readLine();
      return String.valueOf(answer);
    }
  }

  private static void sql(String uri, String statements) throws SQLException {
    try (Connection connection = connect(uri);
        Statement statement = connection.createStatement()) {
      statement.execute(statements);
    }
  }

  private static String query(String uri, String select) throws SQLException {
    try (Connection connection = connect(uri);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(select)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static Connection connect(String uri) throws SQLException {
    URI address = URI.create(uri);
    String[] user = address.getUserInfo().split(":", 2);
    String jdbc =
        "jdbc:postgresql://" + address.getHost() + ":" + address.getPort() + address.getPath();
    return DriverManager.getConnection(jdbc, user[0], user[1]);
  }
}
