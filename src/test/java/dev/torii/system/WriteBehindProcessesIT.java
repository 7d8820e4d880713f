package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one process accepts is read on the other at once, and not lost with it. */
class WriteBehindProcessesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String QUEUE = "write_behind:queue";

  private final String postgres = TestServices.freshDatabase();
  private ToriiCluster cluster;
  private ApiClient a;
  private ApiClient b;

  @BeforeEach
  void start() {
    cluster = ToriiCluster.start(2, postgres, WriteBehindProcessesIT::settings);
    a = cluster.api(0);
    b = cluster.api(1);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void killedProcessLosesNothingThatItAccepted() throws Exception {
    List<TestAccount> users = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      users.add(TestAccount.register(a));
    }
    Map<String, String> last = new HashMap<>();
    try (Connection other = lockPreferences()) {
      for (int i = 0; i < 100; i++) {
        for (TestAccount user : users) {
          Answer accepted =
              a.as(user.accessToken()).put(path(user), new JsonObject().put("number", i));
          assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
          last.put(user.userId(), accepted.json().getString("version"));
        }
      }
      cluster.redis().probe().ask("DEL", "cache:preferences:" + users.get(0).userId());
      for (TestAccount user : users) {
        JsonObject read = b.as(user.accessToken()).get(path(user)).json();
        assertThat(read.getJsonObject("preferences").getInteger("number")).isEqualTo(99);
        assertThat(read.getString("version")).isEqualTo(last.get(user.userId()));
      }
      cluster.node(0).kill();
      other.rollback();
    }
    awaitApplied();
    for (TestAccount user : users) {
      assertThat(row(user)).isEqualTo("{\"number\":99} " + last.get(user.userId()));
      JsonObject read = b.as(user.accessToken()).get(path(user)).json();
      assertThat(read.getString("version")).isEqualTo(last.get(user.userId()));
    }
  }

  @Test
  void preferencesAreAcceptedAndReadWhileRedisIsAway() throws Exception {
    TestAccount ann = TestAccount.register(a);
    put(a, ann, "before");
    awaitApplied();
    cluster.redisProxy().cut();
    put(a, ann, "without Redis");
    assertThat(mood(b, ann)).isEqualTo("without Redis");
    assertThat(b.as(ann.accessToken()).get(path(ann)).header("X-Cache")).contains("stale");
    cluster.redisProxy().heal();
    await()
        .atMost(PATIENCE)
        .until(() -> b.as(ann.accessToken()).get(path(ann)).json().getBoolean("cached"));
    assertThat(mood(b, ann)).isEqualTo("without Redis");
    put(b, ann, "after");
    assertThat(mood(a, ann)).isEqualTo("after");
    awaitApplied();
    assertThat(row(ann)).startsWith("{\"mood\":\"after\"}");
  }

  @Test
  void settingsOfOneProcessAreReadOnTheOtherThoughTheyWereCached() {
    TestAccount ann = TestAccount.register(a);
    String path = ann.profilePath() + "/settings";
    for (int i = 0; i < 20; i++) {
      b.as(ann.accessToken()).get(path);
      Answer stored = a.as(ann.accessToken()).put(path, new JsonObject().put("number", i));
      assertThat(stored.status()).as(stored.text()).isEqualTo(200);
      assertThat(b.as(ann.accessToken()).get(path).json().getJsonObject("settings"))
          .isEqualTo(new JsonObject().put("number", i));
    }
  }

  @Test
  void startedProcessFindsTheProfilesOfActiveUsersInTheCache() throws Exception {
    TestAccount ann = TestAccount.register(a);
    cluster.redis().probe().ask("FLUSHALL");
    try (ToriiProcess late =
        settings(ToriiProcess.builder()).redis(cluster.redis().uri()).postgres(postgres).start()) {
      await()
          .atMost(PATIENCE)
          .until(() -> late.logs().contains("Profiles in the cache from the start: 1, loaded: 1"));
      await()
          .atMost(PATIENCE)
          .until(
              () -> cluster.redis().probe().number("EXISTS", "cache:profile:" + ann.userId()) == 1);
      JsonObject read = late.api().as(ann.accessToken()).get(ann.profilePath()).json();
      assertThat(read.getBoolean("cached")).isTrue();
    }
  }

  private static ToriiProcess.Builder settings(ToriiProcess.Builder process) {
    return process
        .env("TORII_LIMITS_REGISTER_LIMIT", "1000")
        .env("TORII_LIMITS_PREFERENCES_UPDATE_LIMIT", "100000")
        .env("TORII_LIMITS_PREFERENCES_READ_LIMIT", "100000")
        .env("TORII_LIMITS_SETTINGS_UPDATE_LIMIT", "100000")
        .env("TORII_WRITE_BEHIND_TAKE_OVER_MS", "500");
  }

  /** Nothing can be applied until the transaction ends; reading goes on. */
  private Connection lockPreferences() throws SQLException {
    Connection other = TestServices.connect(postgres);
    other.setAutoCommit(false);
    try (Statement statement = other.createStatement()) {
      statement.execute("LOCK TABLE user_preferences IN EXCLUSIVE MODE");
    }
    return other;
  }

  private void awaitApplied() {
    await().atMost(PATIENCE).until(this::nothingWaits);
  }

  private boolean nothingWaits() throws IOException, SQLException {
    return cluster.redis().probe().number("XLEN", QUEUE) == 0
        && text("SELECT count(*) FROM pending_write").equals("0");
  }

  private String row(TestAccount user) throws SQLException {
    return text(
        "SELECT document::text || ' ' || version FROM user_preferences WHERE user_id = '"
            + user.userId()
            + "'");
  }

  private String text(String query) throws SQLException {
    try (Connection connection = TestServices.connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static void put(ApiClient node, TestAccount user, String mood) {
    Answer accepted =
        node.as(user.accessToken()).put(path(user), new JsonObject().put("mood", mood));
    assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
  }

  private static String mood(ApiClient node, TestAccount user) {
    Answer read = node.as(user.accessToken()).get(path(user));
    assertThat(read.status()).as(read.text()).isEqualTo(200);
    return read.json().getJsonObject("preferences").getString("mood");
  }

  private static String path(TestAccount user) {
    return user.profilePath() + "/preferences";
  }
}
