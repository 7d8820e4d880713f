package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What clients and operators see of logins, over two processes. */
class LoginIT {
  private static final String ADMIN = "root@example.org";
  private static final String ADMIN_PASSWORD = "a long admin password";
  private static final String NEXT = "staple violet tractor";

  /** Enough to see a hash that is missing, which takes tens of milliseconds. */
  private static final int SAMPLES = 15;

  private static String database;
  private static ToriiCluster cluster;

  @BeforeAll
  static void start() {
    database = TestServices.freshDatabase();
    UnaryOperator<ToriiProcess.Builder> settings =
        node ->
            node.env("TORII_ADMIN_EMAIL", ADMIN)
                .env("TORII_ADMIN_PASSWORD", ADMIN_PASSWORD)
                .env("TORII_HTTP_TRUSTED_PROXIES", "127.0.0.1")
                .env("TORII_LIMITS_REGISTER_LIMIT", "1000")
                .env("TORII_AUTH_LOGIN_FIRST_WAIT_MS", "60000");
    cluster = ToriiCluster.start(2, database, settings);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void whateverIsWrongIsAnsweredWithTheSameBytesAfterTheSameTime() throws SQLException {
    TestAccount ann = TestAccount.register(cluster.api(0));
    TestAccount bob = TestAccount.register(cluster.api(0));
    disable(bob);
    Map<String, JsonObject> classes = new LinkedHashMap<>();
    classes.put("unknown", credentials("nobody-" + ann.email(), ann.password()));
    classes.put("wrong", credentials(ann.email(), "violet-tractor-42"));
    classes.put("empty", credentials(ann.email(), ""));
    classes.put("over-long", credentials(ann.email(), "x".repeat(20_000)));
    classes.put("disabled", credentials(bob.email(), bob.password()));

    Map<String, List<Long>> micros = new LinkedHashMap<>();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      for (Map.Entry<String, JsonObject> each : classes.entrySet()) {
        Answer answer = login(cluster.api(0), each.getValue(), anyAddress());
        assertThat(answer.status()).as(each.getKey()).isEqualTo(401);
        answers.add(withoutRequestId(answer));
        micros
            .computeIfAbsent(each.getKey(), name -> new ArrayList<>())
            .add(answer.took().toNanos() / 1_000);
      }
      reset(ann, bob);
    }

    assertThat(answers).containsOnly(answers.get(0));
    long unknown = median(micros.get("unknown"));
    assertThat(micros)
        .allSatisfy((name, times) -> assertThat(median(times)).isBetween(unknown / 2, unknown * 2));
  }

  @Test
  void lockedIsAnsweredAlikeWhetherOrNotThereIsAnAccount() {
    TestAccount ann = TestAccount.register(cluster.api(0));
    List<String> answers = new ArrayList<>();
    for (String email : List.of(ann.email(), "nobody-" + ann.email())) {
      String address = anyAddress();
      for (int i = 0; i < 5; i++) {
        login(cluster.api(i % 2), credentials(email, "wrong"), address);
      }
      Answer locked = login(cluster.api(1), credentials(email, ann.password()), address);
      assertThat(locked.status()).isEqualTo(429);
      assertThat(locked.header("retry-after").map(Integer::valueOf).orElseThrow())
          .isBetween(50, 60);
      answers.add(withoutRequestId(locked).replaceAll("\\d+ s", "n s"));
    }
    assertThat(answers.get(1)).isEqualTo(answers.get(0));
  }

  @Test
  void adminSeesAndUnlocksFailedLogins() {
    ApiClient admin = admin();
    TestAccount ann = TestAccount.register(cluster.api(0));
    String address = anyAddress();
    for (int i = 0; i < 5; i++) {
      login(cluster.api(0), credentials(ann.email(), "wrong"), address);
    }
    String path = "/admin/limits/login-failures/" + ann.userId();

    JsonObject state = admin.get(path).json();
    assertThat(state.getInteger("used")).isEqualTo(5);
    assertThat(state.getJsonArray("parts").getJsonObject(0).getString("from"))
        .isEqualTo("ip:" + address);
    assertThat(admin.get("/admin/limits/login-failures/ip:" + address).json().getInteger("used"))
        .isEqualTo(5);
    assertThat(login(cluster.api(0), ann, address).status()).isEqualTo(429);

    assertThat(admin.delete(path).status()).isEqualTo(204);
    assertThat(login(cluster.api(0), ann, address).status()).isEqualTo(200);
    assertThat(admin.delete("/admin/limits/login-failures/" + UUID.randomUUID()).status())
        .isEqualTo(404);
    assertThat(admin.delete("/admin/limits/login-failures/nonsense").status()).isEqualTo(400);
  }

  @Test
  void anotherPasswordEndsTheOtherSessions() {
    TestAccount ann = TestAccount.register(cluster.api(0));
    TestAccount elsewhere = ann.loginAgain(cluster.api(1));
    ApiClient own = cluster.api(0).as(ann.accessToken());

    Answer wrong = own.post("/auth/password", change("not my password", NEXT));
    assertThat(wrong.status()).isEqualTo(401);
    assertThat(wrong.problem()).isEqualTo("invalid-credentials");
    Answer weak = own.post("/auth/password", change(ann.password(), "password123"));
    assertThat(weak.status()).isEqualTo(400);
    assertThat(weak.text()).contains("\"/new_password\"");
    Answer same = own.post("/auth/password", change(ann.password(), ann.password()));
    assertThat(same.text()).contains("\"/new_password\"");

    Answer done = own.post("/auth/password", change(ann.password(), NEXT));

    assertThat(done.status()).as(done.text()).isEqualTo(204);
    assertThat(own.get("/auth/me").status()).isEqualTo(200);
    assertThat(cluster.api(0).as(elsewhere.accessToken()).get("/auth/me").status()).isEqualTo(401);
    assertThat(TestAccount.login(cluster.api(1), ann.email(), NEXT)).isNotNull();
  }

  private static ApiClient admin() {
    TestAccount admin = TestAccount.login(cluster.api(0), ADMIN, ADMIN_PASSWORD);
    return cluster.api(0).as(admin.accessToken());
  }

  private static void reset(TestAccount... accounts) {
    ApiClient admin = admin();
    for (TestAccount account : accounts) {
      admin.delete("/admin/limits/login-failures/" + account.userId());
    }
    admin.delete("/admin/limits/login-failures/ip:127.0.0.1");
  }

  private static void disable(TestAccount account) throws SQLException {
    try (Connection connection = TestServices.connect(database);
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE account SET disabled_at = now() WHERE id = ?::uuid")) {
      update.setString(1, account.userId());
      update.executeUpdate();
    }
  }

  private static Answer login(ApiClient api, TestAccount account, String address) {
    return login(api, credentials(account.email(), account.password()), address);
  }

  private static Answer login(ApiClient api, JsonObject credentials, String address) {
    return api.send(
        api.request("POST", "/auth/login", credentials.encode())
            .header("X-Forwarded-For", address));
  }

  private static String anyAddress() {
    UUID random = UUID.randomUUID();
    long bits = random.getLeastSignificantBits();
    return "10." + (bits & 0xff) + "." + (bits >> 8 & 0xff) + "." + (1 + (bits >> 16 & 0x7f));
  }

  private static JsonObject credentials(String email, String password) {
    return new JsonObject().put("email", email).put("password", password);
  }

  private static JsonObject change(String current, String next) {
    return new JsonObject().put("current_password", current).put("new_password", next);
  }

  private static String withoutRequestId(Answer answer) {
    JsonObject body = answer.json();
    body.remove("instance");
    return body.encode();
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }
}
