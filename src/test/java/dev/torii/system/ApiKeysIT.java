package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.PostgresProcess;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** API keys over two processes, and what becomes of them on bad days. */
class ApiKeysIT {
  private static final String INTROSPECT = "tokens:introspect";
  private static final String REVOKE = "tokens:revoke";

  private static PostgresProcess postgres;
  private static FaultProxy postgresProxy;
  private static ToriiCluster cluster;
  private static ApiClient a;
  private static ApiClient b;
  private static ApiClient admin;

  @BeforeAll
  static void start() {
    postgres = TestServices.freshPostgres();
    postgresProxy = FaultProxy.inFrontOf(postgres.port());
    cluster =
        ToriiCluster.start(
            2,
            postgresProxy.uri(postgres.uri()),
            settings ->
                TestAdmin.in(settings)
                    .env("TORII_API_KEYS_MAX_DAYS", "30")
                    .env("TORII_REDIS_RECONNECT_MAX_MS", "500"));
    a = cluster.api(0);
    b = cluster.api(1);
    admin = TestAdmin.login(a);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    postgresProxy.close();
    postgres.close();
  }

  @AfterEach
  void heal() {
    postgresProxy.heal();
    cluster.redisProxy().heal();
    for (ToriiProcess node : cluster.nodes()) {
      ApiClient api = node.api();
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> api.get("/health/ready").json().getString("status"), "ready"::equals);
    }
  }

  @Test
  void keyIsShownOnceAndListedWithoutItsSecret() throws IOException {
    JsonObject key = TestAdmin.apiKey(admin, REVOKE, INTROSPECT);
    String text = key.getString("api_key");
    assertThat(use(a, key).status()).isEqualTo(200);

    JsonObject listed = listed(key.getString("id"));
    assertThat(listed.getJsonArray("scopes")).isEqualTo(new JsonArray(List.of(INTROSPECT, REVOKE)));
    assertThat(listed.getValue("revoked_at")).isNull();
    String everything = admin.get("/admin/api-keys?limit=100").text() + cluster.node(0).logs();
    assertThat(everything).doesNotContain(text).doesNotContain(text.substring(30));
    assertThat(cluster.redis().probe().keys("*")).noneMatch(name -> name.contains(text));
  }

  @Test
  void useIsNotedToTheMinute() {
    JsonObject key = TestAdmin.apiKey(admin, INTROSPECT);
    String id = key.getString("id");
    assertThat(listed(id).getValue("last_used_at")).isNull();
    use(a, key);
    await().until(() -> listed(id).getValue("last_used_at") != null);
    String first = listed(id).getString("last_used_at");
    use(a, key);
    use(b, key);
    assertThat(listed(id).getString("last_used_at")).isEqualTo(first);
  }

  @Test
  void everyKeyIsListedOnceOverThePages() {
    List<String> made =
        IntStream.range(0, 5)
            .mapToObj(i -> TestAdmin.apiKey(admin, INTROSPECT).getString("id"))
            .toList();
    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      JsonObject page = admin.get("/admin/api-keys?limit=2" + cursor).json();
      page.getJsonArray("api_keys").forEach(k -> seen.add(((JsonObject) k).getString("id")));
      cursor =
          page.getString("next_cursor") == null ? null : "&cursor=" + page.getString("next_cursor");
    } while (cursor != null);
    assertThat(seen).doesNotHaveDuplicates().containsAll(made);
  }

  @Test
  void keyThatIsRevokedOnOneIsRefusedOnBothAtOnce() {
    for (int round = 0; round < 10; round++) {
      JsonObject key = TestAdmin.apiKey(admin, INTROSPECT);
      assertThat(use(a, key).status()).isEqualTo(200);
      assertThat(use(b, key).status()).isEqualTo(200);
      assertThat(admin.delete("/admin/api-keys/" + key.getString("id")).status()).isEqualTo(204);
      assertThat(use(b, key).status()).isEqualTo(401);
      assertThat(use(a, key).status()).isEqualTo(401);
      assertThat(admin.delete("/admin/api-keys/" + key.getString("id")).status()).isEqualTo(204);
    }
    assertThat(admin.delete("/admin/api-keys/00000000-0000-4000-8000-000000000000").status())
        .isEqualTo(404);
  }

  @Test
  void revokedKeyDoesNotComeBackWhenRedisIsFlushedOrAway() throws IOException {
    JsonObject key = TestAdmin.apiKey(admin, INTROSPECT);
    assertThat(use(a, key).status()).isEqualTo(200);
    assertThat(use(b, key).status()).isEqualTo(200);
    admin.delete("/admin/api-keys/" + key.getString("id"));
    for (int i = 0; i < 20; i++) {
      cluster.redis().probe().ask("FLUSHALL");
      assertThat(use(i % 2 == 0 ? b : a, key).status()).isEqualTo(401);
    }
    cluster.redisProxy().blackHole();
    assertThat(use(b, key).status()).isEqualTo(401);
    assertThat(use(a, key).status()).isEqualTo(401);
  }

  @Test
  void revocationWithoutRedisHoldsOnBothProcesses() {
    JsonObject key = TestAdmin.apiKey(admin, INTROSPECT);
    assertThat(use(a, key).status()).isEqualTo(200);
    assertThat(use(b, key).status()).isEqualTo(200);
    cluster.redisProxy().blackHole();
    assertThat(admin.delete("/admin/api-keys/" + key.getString("id")).status()).isEqualTo(204);
    assertThat(use(b, key).status()).isEqualTo(401);
    assertThat(use(a, key).status()).isEqualTo(401);
  }

  @Test
  void newKeyWorksWithoutRedis() {
    cluster.redisProxy().blackHole();
    JsonObject key = TestAdmin.apiKey(admin, INTROSPECT);
    assertThat(use(b, key).status()).isEqualTo(200);
  }

  @Test
  void withoutPostgresUnknownKeysAreUnavailableAndNeverWrong() {
    JsonObject known = TestAdmin.apiKey(admin, REVOKE);
    JsonObject unknown = TestAdmin.apiKey(admin, REVOKE);
    // The other process has not seen it; without the scope a good key is 403, and asks nobody else.
    assertThat(use(b, known).status()).isEqualTo(403);
    postgresProxy.blackHole();
    assertThat(use(b, known).status()).isEqualTo(403);
    for (int i = 0; i < 3; i++) {
      Answer answer = use(b, unknown);
      assertThat(answer.status()).as(answer.text()).isEqualTo(503);
      assertThat(answer.took()).isLessThan(Duration.ofSeconds(2));
      assertThat(answer.json().getString("error")).isEqualTo("temporarily_unavailable");
    }
    postgresProxy.heal();
    await().atMost(Duration.ofSeconds(10)).until(() -> use(b, unknown).status() == 403);
  }

  @Test
  void keyIsGoodForItsScopeAndForNothingElse() {
    ApiClient introspecting = a.as(TestAdmin.apiKey(admin, INTROSPECT).getString("api_key"));
    ApiClient revoking = a.as(TestAdmin.apiKey(admin, REVOKE).getString("api_key"));
    TestAccount ann = TestAccount.register(a);
    assertThat(introspecting.postForm("/auth/introspect", "token=x").status()).isEqualTo(200);
    assertThat(revoking.postForm("/auth/revoke", "token=x").status()).isEqualTo(200);
    Answer refused = revoking.postForm("/auth/introspect", "token=x");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.json().getString("error")).isEqualTo("insufficient_scope");
    assertThat(introspecting.postForm("/auth/revoke", "token=x").status()).isEqualTo(403);
    for (Answer answer :
        List.of(
            introspecting.get("/auth/me"),
            introspecting.get(ann.profilePath()),
            introspecting.put(ann.profilePath(), new JsonObject().put("first_name", "X")),
            introspecting.post("/auth/logout", new JsonObject()),
            introspecting.get("/admin/users"),
            introspecting.get("/admin/api-keys"))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(403);
    }
    assertThat(a.as(ann.accessToken()).postForm("/auth/introspect", "token=x").status())
        .isEqualTo(403);
    assertThat(a.as(ann.accessToken()).get("/admin/api-keys").status()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"name\":\"x\",\"scopes\":[\"tokens:revoke\"]}",
        "{\"name\":\"x\",\"scopes\":[],\"expires_in_days\":1}",
        "{\"name\":\" \",\"scopes\":[\"tokens:revoke\"],\"expires_in_days\":1}",
        "{\"name\":\"x\",\"scopes\":[\"everything\"],\"expires_in_days\":1}",
        "{\"name\":\"x\",\"scopes\":[\"tokens:revoke\",\"tokens:revoke\"],\"expires_in_days\":1}",
        "{\"name\":\"x\",\"scopes\":[\"tokens:revoke\"],\"expires_in_days\":0}",
        "{\"name\":\"x\",\"scopes\":[\"tokens:revoke\"],\"expires_in_days\":31}",
        "{\"name\":\"x\",\"scopes\":[\"tokens:revoke\"],\"expires_in_days\":1,\"role\":\"admin\"}"
      })
  void keyThatNobodyMayHaveIsNotMade(String body) {
    Answer answer = admin.post("/admin/api-keys", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.problem()).isEqualTo("invalid");
  }

  @Test
  void inventedKeysAreRefusedAndCostFewStatements() {
    long before = statements(b);
    String form = "torii_%022d_%043d";
    for (int i = 0; i < 50; i++) {
      assertThat(b.as(form.formatted(i, 7)).postForm("/auth/introspect", "token=x").status())
          .isEqualTo(401);
    }
    List<Answer> again =
        IntStream.range(0, 200)
            .mapToObj(i -> b.as(form.formatted(i % 50, 7)))
            .map(client -> client.postForm("/auth/introspect", "token=x"))
            .toList();
    assertThat(again).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(401));
    // Each once; besides, the follower of revocations reads a few times a second.
    assertThat(statements(b) - before).isLessThan(50 + 60);
  }

  @Test
  void makingAndRevokingIsAuditedOnce() throws SQLException {
    JsonObject key = TestAdmin.apiKey(admin, INTROSPECT);
    admin.delete("/admin/api-keys/" + key.getString("id"));
    admin.delete("/admin/api-keys/" + key.getString("id"));
    TestAccount ann = TestAccount.register(a);
    JsonObject revoking = TestAdmin.apiKey(admin, REVOKE);
    ApiClient service = b.as(revoking.getString("api_key"));
    service.postForm("/auth/revoke", "token=" + ann.accessToken());
    service.postForm("/auth/revoke", "token=" + ann.refreshToken());
    service.postForm("/auth/revoke", "token=" + ann.refreshToken());

    assertThat(audited(key.getString("id")))
        .containsExactly("user api-key.created", "user api-key.revoked");
    assertThat(audited(ann.userId()))
        .containsExactly("service token.revoked", "service token.revoked");
  }

  /** Kinds of actors and their actions on a subject, in order. */
  private static List<String> audited(String subject) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = TestServices.connect(postgres.uri());
        PreparedStatement select =
            connection.prepareStatement(
                "SELECT actor_kind || ' ' || action FROM audit"
                    + " WHERE subject = ? AND action ~ '^(api-key|token)' ORDER BY seq")) {
      select.setString(1, subject);
      ResultSet rows = select.executeQuery();
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }

  private static long statements(ApiClient api) {
    return api.get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("torii_sql_duration_seconds_count "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  private static JsonObject listed(String id) {
    return admin.get("/admin/api-keys?limit=100").json().getJsonArray("api_keys").stream()
        .map(JsonObject.class::cast)
        .filter(key -> key.getString("id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static Answer use(ApiClient node, JsonObject key) {
    return node.as(key.getString("api_key")).postForm("/auth/introspect", "token=unknown");
  }
}
