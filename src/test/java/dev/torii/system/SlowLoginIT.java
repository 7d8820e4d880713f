package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls that hash a password, on a day when the database is slow. */
class SlowLoginIT {
  /** Longer than any other question waits for its answer. */
  private static final Duration SLOW = Duration.ofSeconds(2);

  private static final String PASSWORD = "violet-tractor-41";

  private static String database;
  private static ToriiProcess torii;
  private static ApiClient api;

  @BeforeAll
  static void start() {
    database = TestServices.freshDatabase();
    torii =
        ToriiProcess.builder()
            .redis(TestServices.redisUri())
            .postgres(database)
            .env("TORII_PG_STATEMENT_TIMEOUT_MS", "4000")
            .start();
    api = torii.api();
  }

  @AfterAll
  static void stop() {
    torii.close();
  }

  @Test
  void loginThatTakesTwoSecondsSucceeds() throws SQLException {
    TestAccount ann = TestAccount.register(api);

    Answer answer = whileLocked("session", () -> login(ann));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.took()).isGreaterThan(SLOW);
    String token = answer.json().getString("access_token");
    assertThat(api.as(token).get("/auth/me").status()).isEqualTo(200);
  }

  @Test
  void registrationThatTakesTwoSecondsSucceeds() throws SQLException {
    var account =
        new JsonObject().put("email", "slow-registration@example.org").put("password", PASSWORD);

    Answer answer = whileLocked("account", () -> post(api, "/auth/register", account));

    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    assertThat(answer.took()).isGreaterThan(SLOW);
  }

  @Test
  void passwordChangeThatTakesTwoSecondsSucceeds() throws SQLException {
    TestAccount ann = TestAccount.register(api);
    var change =
        new JsonObject().put("current_password", ann.password()).put("new_password", PASSWORD);

    Answer answer =
        whileLocked("session", () -> post(api.as(ann.accessToken()), "/auth/password", change));

    assertThat(answer.status()).as(answer.text()).isEqualTo(204);
    assertThat(answer.took()).isGreaterThan(SLOW);
    assertThat(TestAccount.login(api, ann.email(), PASSWORD).userId()).isEqualTo(ann.userId());
  }

  @Test
  void loginThatTheDatabaseHoldsForTooLongIsRefusedAndOpensNoSession() throws SQLException {
    TestAccount ann = TestAccount.register(api);
    Answer answer;
    try (Connection locking = TestServices.connect(database)) {
      lock(locking, "session");
      answer = login(ann).join();
    }

    assertThat(answer.status()).as(answer.text()).isEqualTo(504);
    assertThat(answer.json().getString("type")).isEqualTo("urn:torii:problem:timeout");
    await().until(() -> count("pg_locks WHERE NOT granted") == 0);
    assertThat(count("session WHERE user_id = '" + ann.userId() + "'")).isEqualTo(1);
    // Its failure slot is free again: nobody has to wait.
    assertThat(login(ann).join().status()).isEqualTo(200);
  }

  /** Holds a table until the call has waited for it and is slow. */
  private static Answer whileLocked(String table, Call call) throws SQLException {
    try (Connection locking = TestServices.connect(database)) {
      lock(locking, table);
      long started = System.nanoTime();
      CompletableFuture<Answer> answer = call.begin();
      await().until(() -> count("pg_locks WHERE NOT granted") > 0);
      await().until(() -> System.nanoTime() - started > SLOW.toNanos());
      locking.rollback();
      return answer.join();
    }
  }

  private static void lock(Connection connection, String table) throws SQLException {
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute("LOCK TABLE " + table + " IN EXCLUSIVE MODE");
    }
  }

  private static long count(String what) throws SQLException {
    try (Connection connection = TestServices.connect(database);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM " + what)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static CompletableFuture<Answer> login(TestAccount account) {
    return post(
        api,
        "/auth/login",
        new JsonObject().put("email", account.email()).put("password", account.password()));
  }

  private static CompletableFuture<Answer> post(ApiClient client, String path, JsonObject body) {
    return client.sendAsync(
        client
            .request("POST", path)
            .header("Content-Type", "application/json")
            .method("POST", BodyPublishers.ofString(body.encode())));
  }

  /** A request that is answered later. */
  private interface Call {
    CompletableFuture<Answer> begin();
  }
}
