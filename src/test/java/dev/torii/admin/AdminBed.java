package dev.torii.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Two processes with an admin, and the servers below them. */
final class AdminBed implements AutoCloseable {
  static final String EMAIL = "root@example.org";
  static final String PASSWORD = "violet-tractor-41";

  private final String database = TestServices.freshDatabase();
  private final ToriiCluster cluster = ToriiCluster.start(2, database, AdminBed::settings);
  final List<ApiClient> nodes = List.of(cluster.api(0), cluster.api(1));

  /** The first admin with a session that lives. */
  TestAccount root = TestAccount.login(nodes.get(0), EMAIL, PASSWORD);

  private static ToriiProcess.Builder settings(ToriiProcess.Builder builder) {
    return builder
        .env("TORII_ADMIN_EMAIL", EMAIL)
        .env("TORII_ADMIN_PASSWORD", PASSWORD)
        .env("TORII_AUTH_ARGON2_MEMORY_KIB", "8192")
        .env("TORII_AUTH_ARGON2_ITERATIONS", "1")
        .env("TORII_DECISIONS_ADMITTED", "50")
        .env("TORII_LIMITS_REGISTER_LIMIT", "10000")
        .env("TORII_LIMITS_DEFAULT_LIMIT", "10000")
        .env("TORII_LIMITS_ADMIN_LIMIT", "10000");
  }

  /** One process more on the same servers, as a restarted one would be. */
  ToriiProcess startAnother() {
    return ToriiProcess.builder()
        .redis(cluster.redisProxy().uri(cluster.redis().uri()))
        .postgres(database)
        .with(AdminBed::settings)
        .start();
  }

  ToriiCluster cluster() {
    return cluster;
  }

  /** The first admin on a process. */
  ApiClient admin(int node) {
    return nodes.get(node).as(root.accessToken());
  }

  TestAccount register() {
    return TestAccount.register(nodes.get(0));
  }

  static String path(TestAccount account) {
    return "/admin/users/" + account.userId();
  }

  void setRole(TestAccount account, String role) {
    Answer changed = admin(0).put(path(account) + "/role", new JsonObject().put("role", role));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
  }

  /** Fails unless each process refuses the token. */
  void assertRefused(String accessToken) {
    for (ApiClient node : nodes) {
      assertThat(node.as(accessToken).get("/auth/me").status()).isEqualTo(401);
    }
  }

  /** Fails unless each process accepts the token. */
  void assertAccepted(String accessToken) {
    for (ApiClient node : nodes) {
      assertThat(node.as(accessToken).get("/auth/me").status()).isEqualTo(200);
    }
  }

  Answer refresh(int node, String refreshToken) {
    return nodes.get(node).post("/auth/refresh", refreshBody(refreshToken));
  }

  CompletableFuture<Answer> refreshAsync(int node, String refreshToken) {
    ApiClient api = nodes.get(node);
    return api.sendAsync(api.request("POST", "/auth/refresh", refreshBody(refreshToken).encode()));
  }

  private static JsonObject refreshBody(String refreshToken) {
    return new JsonObject().put("refresh_token", refreshToken);
  }

  /** What a token says, unchecked. */
  static JsonObject claims(String token) {
    String claims = token.substring(token.indexOf('.') + 1, token.lastIndexOf('.'));
    return new JsonObject(Buffer.buffer(Base64.getUrlDecoder().decode(claims)));
  }

  /** Asks Redis; the answer as text, {@code null} for nothing. */
  String redis(String... words) {
    try {
      return String.valueOf(cluster.redis().probe().ask(words));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long ttl(String key) {
    return Long.parseLong(redis("TTL", key));
  }

  /** Runs a statement as the user of the database that Torii is too. */
  void execute(String sql) throws SQLException {
    try (Connection connection = TestServices.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The only number that a query gives. */
  long number(String sql) throws SQLException {
    try (Connection connection = TestServices.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Override
  public void close() {
    cluster.close();
  }
}
