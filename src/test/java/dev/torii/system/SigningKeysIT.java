package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Signing keys over two processes: followed by both, retired on both. */
class SigningKeysIT {
  private static final String EMAIL = "root@example.org";
  private static final String PASSWORD = "correct horse battery 42";
  private static final Duration PUBLISH = Duration.ofSeconds(5);
  private static final Duration PROMISE = Duration.ofSeconds(1);

  private static String database;
  private static ToriiCluster cluster;
  private static ApiClient a;
  private static ApiClient b;

  @BeforeAll
  static void startTogetherOnAnEmptyDatabase() {
    database = TestServices.freshDatabase();
    cluster =
        ToriiCluster.start(
            2,
            database,
            settings ->
                settings
                    .env("TORII_ADMIN_EMAIL", EMAIL)
                    .env("TORII_ADMIN_PASSWORD", PASSWORD)
                    .env("TORII_AUTH_KEY_PUBLISH_SECONDS", Long.toString(PUBLISH.toSeconds()))
                    .env("TORII_AUTH_KEY_SECRET", "sixteen characters")
                    .env("TORII_AUTH_ARGON2_MEMORY_KIB", "8192")
                    .env("TORII_LIMITS_DEFAULT_LIMIT", "100000"));
    a = cluster.api(0);
    b = cluster.api(1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void oneFirstKeyWasMadeByBothAndItIsNotReadable() throws SQLException {
    try (var connection = TestServices.connect(database);
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT (SELECT count(*) FROM audit WHERE detail->>'reason' = 'first'),"
                    + " (SELECT count(*) FROM signing_key WHERE private_pem LIKE '%PRIVATE%')")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isEqualTo(1);
      assertThat(rows.getInt(2)).isZero();
    }
  }

  @Test
  void aNewKeyIsPublishedThenSignsOnBothAndWhatTheOldOneSignedGoesOn() {
    TestAccount ann = TestAccount.register(a);
    String old = kid(ann.accessToken());
    String tag = a.get("/.well-known/jwks.json").header("etag").orElseThrow();

    Answer made = admin(a).post("/admin/keys", new JsonObject());

    assertThat(made.status()).as(made.text()).isEqualTo(201);
    String next = made.json().getString("kid");
    Instant signsFrom = Instant.parse(made.json().getString("signs_from"));
    assertThat(made.json().getString("state")).isEqualTo("published");
    for (ApiClient node : List.of(a, b)) {
      await().atMost(PROMISE).until(() -> published(node).contains(next));
      assertThat(published(node)).contains(old);
      Answer changed =
          node.send(node.request("GET", "/.well-known/jwks.json").header("If-None-Match", tag));
      assertThat(changed.status()).isEqualTo(200);
      assertThat(changed.header("cache-control")).contains("public, max-age=2");
    }
    TestAccount early = ann.loginAgain(b);
    if (Instant.now().isBefore(signsFrom)) {
      assertThat(kid(early.accessToken())).isEqualTo(old);
    }
    for (ApiClient node : List.of(a, b)) {
      await()
          .atMost(PUBLISH.plusSeconds(5))
          .until(() -> kid(ann.loginAgain(node).accessToken()).equals(next));
      assertThat(node.as(ann.accessToken()).get("/auth/me").status()).isEqualTo(200);
    }
    Answer refreshed = refresh(b, ann);
    assertThat(refreshed.status()).as(refreshed.text()).isEqualTo(200);
    assertThat(kid(refreshed.json().getString("access_token"))).isEqualTo(next);
    assertThat(states(b)).containsEntry(next, "signing").containsEntry(old, "verifying");
    assertThat(b.get("/metrics").text()).contains("torii_auth_keys{state=\"signing\"} 1");
  }

  @Test
  void aKeyRetiredInAnEmergencyIsAcceptedNowhereWithinASecond() {
    TestAccount ann = TestAccount.register(a);
    String stolen = kid(ann.accessToken());
    List<ApiClient> nodes = List.of(a, b);
    nodes.forEach(node -> assertThat(me(node, ann)).isEqualTo(200));

    assertThat(admin(a).delete("/admin/keys/" + stolen).status()).isEqualTo(204);

    long retired = System.nanoTime();
    assertThat(me(a, ann)).isEqualTo(401);
    await().pollInterval(Duration.ofMillis(10)).atMost(PROMISE).until(() -> me(b, ann) == 401);
    while (System.nanoTime() - retired < Duration.ofSeconds(2).toNanos()) {
      nodes.forEach(node -> assertThat(me(node, ann)).isEqualTo(401));
    }
    for (ApiClient node : nodes) {
      Answer refused = refresh(node, ann);
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.problem()).isEqualTo("invalid-refresh-token");
      assertThat(published(node)).doesNotContain(stolen);
    }
    assertThat(me(b, ann.loginAgain(a))).isEqualTo(200);
    assertThat(me(a, ann.loginAgain(b))).isEqualTo(200);
    assertThat(states(b)).containsEntry(stolen, "retired").containsValue("signing");
    assertThat(admin(b).delete("/admin/keys/" + stolen).status()).isEqualTo(204);
    assertThat(admin(b).delete("/admin/keys/none").status()).isEqualTo(404);
    assertThat(a.as(ann.loginAgain(a).accessToken()).get("/admin/keys").status()).isEqualTo(403);
  }

  /** No bell rings, so each process learns of the keys by its own reading alone. */
  @Test
  void theSameHoldsWithoutRedisAndANewKeyIsKnownWhereItIsFirstSeen() {
    TestAccount ann = TestAccount.register(a);
    String stolen = kid(ann.accessToken());
    assertThat(me(b, ann)).isEqualTo(200);
    ApiClient admin = admin(a);
    cluster.redisProxy().cut();
    try {
      Answer made = admin.post("/admin/keys", new JsonObject().put("at_once", true));
      assertThat(made.status()).as(made.text()).isEqualTo(201);
      assertThat(made.json().getString("state")).isEqualTo("signing");
      TestAccount later = ann.loginAgain(a);
      assertThat(kid(later.accessToken())).isEqualTo(made.json().getString("kid"));
      assertThat(me(b, later)).as("without having been told").isEqualTo(200);
      assertThat(refresh(b, later).status()).isEqualTo(200);

      Answer retired = admin.delete("/admin/keys/" + stolen);
      assertThat(retired.status()).as(retired.text()).isEqualTo(204);
      await().pollInterval(Duration.ofMillis(10)).atMost(PROMISE).until(() -> me(b, ann) == 401);
      assertThat(me(a, ann)).isEqualTo(401);
      assertThat(me(b, later)).isEqualTo(200);
    } finally {
      cluster.redisProxy().heal();
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> me(b, ann.loginAgain(b)) == 200);
  }

  @Test
  void aForgedKeyNameIsRefusedAndCostsAtMostAReading() {
    TestAccount ann = TestAccount.register(a);
    String[] parts = ann.accessToken().split("\\.", -1);
    String header =
        new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.UTF_8)
            .replace(kid(ann.accessToken()), "forged");
    String forged =
        Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(header.getBytes(StandardCharsets.UTF_8))
            + '.'
            + parts[1]
            + '.'
            + parts[2];

    Answer answer = b.as(forged).get("/auth/me");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.took()).isLessThan(Duration.ofSeconds(2));
  }

  private static ApiClient admin(ApiClient node) {
    return node.as(TestAccount.login(node, EMAIL, PASSWORD).accessToken());
  }

  private static int me(ApiClient node, TestAccount account) {
    return node.as(account.accessToken()).get("/auth/me").status();
  }

  private static Answer refresh(ApiClient node, TestAccount account) {
    return node.post(
        "/auth/refresh", new JsonObject().put("refresh_token", account.refreshToken()));
  }

  private static List<String> published(ApiClient node) {
    JsonArray keys = node.get("/.well-known/jwks.json").json().getJsonArray("keys");
    return keys.stream().map(key -> ((JsonObject) key).getString("kid")).toList();
  }

  private static Map<String, String> states(ApiClient node) {
    var states = new TreeMap<String, String>();
    JsonArray keys = admin(node).get("/admin/keys").json().getJsonArray("keys");
    keys.forEach(
        key ->
            states.put(((JsonObject) key).getString("kid"), ((JsonObject) key).getString("state")));
    return states;
  }

  private static String kid(String token) {
    byte[] header = Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.')));
    return new JsonObject(Buffer.buffer(header)).getString("kid");
  }
}
