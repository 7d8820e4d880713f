package dev.torii.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.ToriiCluster;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules of an operator's own on two processes, as clients meet them. */
class LimitsIT {
  private static final String RULES =
      """
      limits:
        register: {limit: 100000}
        me-tight: {limit: 3, windowSeconds: 3600, routes: /auth/me, methods: GET}
        me-wide: {limit: 1000, windowSeconds: 3600, routes: /auth/me}
        me-shadow: {limit: 1, windowSeconds: 3600, routes: /auth/me, shadow: true}
        strangers: {limit: 3, windowSeconds: 3600, routes: /admin/users}
        update-failures:
          limit: 2
          windowSeconds: 3600
          routes: ["/api/profiles/{user_id}"]
          methods: [PUT]
          count: failures
        update-bytes:
          limit: 1000
          windowSeconds: 3600
          routes: ["/api/profiles/{user_id}"]
          methods: PUT
          costBytes: 10
        sessions: {limit: 5, windowSeconds: 3600, routes: /auth/sessions, tiers: admin=50}
        emails: {limit: 9, windowSeconds: 3600, subject: field, field: email, routes: /auth/login}
        document: {limit: 1, windowSeconds: 3600, subject: ip, routes: /openapi.yaml, exempt: 127.0.0.0/8}
        document-shadow: {limit: 1, windowSeconds: 3600, subject: ip, routes: /openapi.yaml, shadow: true}
        keys: {limit: 10, windowSeconds: 3600, subject: ip, routes: /.well-known/jwks.json}
      """;

  @TempDir static Path directory;

  private static ToriiCluster cluster;
  private static ApiClient a;
  private static ApiClient b;

  @BeforeAll
  static void start() throws IOException {
    Path file = Files.writeString(directory.resolve("torii.yaml"), RULES);
    cluster =
        ToriiCluster.start(
            2, settings -> settings.with(TestAdmin::in).env("TORII_CONFIG", file.toString()));
    a = cluster.api(0);
    b = cluster.api(1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void closestOfSeveralRulesSpeaksAndWhatItRefusesLeavesNoTraceInTheOthers() throws IOException {
    TestAccount ann = TestAccount.register(a);
    for (int left = 2; left >= 0; left--) {
      Answer admitted = (left == 1 ? b : a).as(ann.accessToken()).get("/auth/me");
      assertThat(admitted.status()).isEqualTo(200);
      assertThat(admitted.header("x-ratelimit-remaining")).contains("" + left);
      assertThat(admitted.header("ratelimit-policy")).contains("\"me-tight\";q=3;w=3600");
    }
    for (ApiClient node : List.of(a, b, a)) {
      Answer refused = node.as(ann.accessToken()).get("/auth/me");
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.json().getString("policy")).isEqualTo("me-tight");
      assertThat(refused.header("retry-after").map(Integer::valueOf).orElseThrow())
          .isBetween(3_500, 3_600);
    }
    await("given back").until(() -> counted(ann, "me-wide") == 3);
    assertThat(counted(ann, "me-tight")).isEqualTo(3);
    assertThat(counted(ann, "me-shadow")).as("a shadow counts what it would admit").isEqualTo(1);
    assertThat(metric("torii_limit_shadow_refused_total{rule=\"me-shadow\"}")).isPositive();
    assertThat(metric("torii_limit_refused_total{rule=\"me-tight\"}")).isPositive();
  }

  @Test
  void parallelRequestsOverBothAreNeverAdmittedTooMany() throws IOException {
    TestAccount ann = TestAccount.register(a);
    List<ApiClient> nodes = List.of(a.as(ann.accessToken()), b.as(ann.accessToken()));
    List<CompletableFuture<Answer>> asked =
        IntStream.range(0, 40)
            .mapToObj(i -> nodes.get(i % 2))
            .map(node -> node.sendAsync(node.request("GET", "/auth/me")))
            .toList();
    List<Answer> answers = asked.stream().map(CompletableFuture::join).toList();
    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(3);
    await("given back").until(() -> counted(ann, "me-wide") == 3);
  }

  @Test
  void ruleThatCountsFailuresLetsSuccessesGoOn() throws IOException {
    TestAccount ann = TestAccount.register(a);
    ApiClient own = a.as(ann.accessToken());
    for (int i = 0; i < 5; i++) {
      assertThat(own.put(ann.profilePath(), new JsonObject().put("phone", "+1 555 0100")).status())
          .isEqualTo(200);
      await("given back").until(() -> counted(ann, "update-failures") == 0);
    }
    JsonObject wrong = new JsonObject().put("no_such_field", "x");
    for (ApiClient node : List.of(a, b)) {
      assertThat(node.as(ann.accessToken()).put(ann.profilePath(), wrong).status()).isEqualTo(400);
    }
    Answer refused = own.put(ann.profilePath(), new JsonObject().put("first_name", "Ann"));
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.json().getString("policy")).isEqualTo("update-failures");
  }

  @Test
  void bodyCostsByItsSize() throws IOException {
    TestAccount ann = TestAccount.register(a);
    JsonObject body = new JsonObject().put("address", "x".repeat(100));
    assertThat(a.as(ann.accessToken()).put(ann.profilePath(), body).status()).isEqualTo(200);
    assertThat(counted(ann, "update-bytes")).isEqualTo((body.encode().length() + 9) / 10);
  }

  @Test
  void whatCostsMoreThanTheLimitIsTooLargeAndNotForLater() {
    TestAccount ann = TestAccount.register(a);
    JsonObject small = new JsonObject().put("address", "x".repeat(86));
    assertThat(small.encode()).hasSize(100);
    assertThat(b.as(ann.accessToken()).put(ann.profilePath(), small).status()).isEqualTo(200);
    JsonObject body = new JsonObject().put("address", "x".repeat(20_000));
    Answer refused = a.as(ann.accessToken()).put(ann.profilePath(), body);
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.header("retry-after")).isEmpty();
    assertThat(refused.header("x-ratelimit-remaining")).contains("990");
    assertThat(refused.json().getString("detail")).contains("of a limit of 1000");
  }

  @Test
  void requestsThatAreRefusedByRoleAreCounted() throws IOException {
    TestAccount ann = TestAccount.register(a);
    for (ApiClient node : List.of(a, b, a)) {
      Answer refused = node.as(ann.accessToken()).get("/admin/users");
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.header("x-ratelimit-limit")).contains("3");
    }
    assertThat(b.as(ann.accessToken()).get("/admin/users").status()).isEqualTo(429);
    assertThat(counted(ann, "strangers")).isEqualTo(3);
  }

  @Test
  void requestsWithAMalformedIdAreCounted() throws IOException {
    TestAccount ann = TestAccount.register(a);
    for (int i = 0; i < 2; i++) {
      Answer malformed = a.as(ann.accessToken()).get("/api/profiles/not-a-uuid");
      assertThat(malformed.status()).isEqualTo(400);
      assertThat(malformed.json().getJsonArray("errors").getJsonObject(0).getString("pointer"))
          .isEqualTo("/user_id");
    }
    assertThat(counted(ann, "profiles-read")).isEqualTo(2);
  }

  @Test
  void refusalsOfAShadowAloneAreToldThoughTheyAreKnownFromMemory() {
    String refused = "torii_limit_shadow_refused_total{rule=\"document-shadow\"}";
    String admitted = "torii_limit_admitted_total{rule=\"document-shadow\"}";
    double before = metric(refused) + metric(admitted);
    for (int i = 0; i < 6; i++) {
      assertThat(a.get("/openapi.yaml").header("x-decision-id")).isPresent();
    }
    assertThat(metric(refused) + metric(admitted)).isEqualTo(before + 6);
  }

  @Test
  void callersWithARoleHaveTheirTierAndAreWarnedNearTheLimit() {
    TestAccount ann = TestAccount.register(a);
    ApiClient own = a.as(ann.accessToken());
    for (int used = 1; used <= 5; used++) {
      Answer answer = own.get("/auth/sessions");
      assertThat(answer.header("x-ratelimit-limit")).contains("5");
      assertThat(answer.header("x-ratelimit-warning"))
          .isEqualTo(
              used < 4
                  ? java.util.Optional.empty()
                  : java.util.Optional.of("\"sessions\";used=" + used + ";q=5"));
    }
    assertThat(own.get("/auth/sessions").status()).isEqualTo(429);
    Answer admin = TestAdmin.login(a).get("/auth/sessions");
    assertThat(admin.header("ratelimit-policy")).contains("\"sessions\";q=50;w=3600");
  }

  @Test
  void fieldOfTheBodyNamesWhomToCount() {
    String email = "nobody-" + UUID.randomUUID() + "@example.org";
    var codes = IntStream.range(0, 10).mapToObj(i -> login(i % 2 == 0 ? a : b, email)).toList();
    assertThat(codes.subList(0, 9)).doesNotContain("emails");
    assertThat(codes.get(9)).isEqualTo("emails");
    assertThat(login(a, "other-" + email)).isNotEqualTo("emails");
  }

  @Test
  void exemptNetworkIsNotCounted() {
    for (int i = 0; i < 5; i++) {
      Answer answer = a.get("/openapi.yaml");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("x-ratelimit-limit")).isEmpty();
    }
  }

  @Test
  void withoutRedisEachProcessEnforcesItsShare() {
    for (ApiClient node : List.of(a, b)) {
      await("both are known")
          .until(() -> node.get("/metrics").text().contains("torii_limit_processes 2.0"));
    }
    cluster.redisProxy().cut();
    try {
      for (ApiClient node : List.of(a, b)) {
        await("without Redis")
            .until(() -> node.get("/health/ready").json().getString("status").equals("degraded"));
        List<Integer> statuses =
            IntStream.range(0, 10)
                .mapToObj(i -> node.get("/.well-known/jwks.json").status())
                .toList();
        assertThat(statuses).filteredOn(status -> status == 200).hasSize(5);
        assertThat(statuses).filteredOn(status -> status == 429).hasSize(5);
      }
    } finally {
      cluster.redisProxy().heal();
      for (ApiClient node : List.of(a, b)) {
        await("with Redis")
            .until(() -> node.get("/health/ready").json().getString("status").equals("ready"));
      }
    }
  }

  /** Policy that refused a login, empty when none did. */
  private static String login(ApiClient node, String email) {
    JsonObject body = new JsonObject().put("email", email).put("password", "wrong password 12");
    Answer answer = node.post("/auth/login", body);
    return answer.status() == 429 ? answer.json().getString("policy") : "";
  }

  private static long counted(TestAccount account, String rule) throws IOException {
    String key = "rate:log:" + account.userId() + ":" + rule;
    return cluster.redis().probe().number("ZCARD", key);
  }

  private static double metric(String name) {
    return cluster.nodes().stream()
        .flatMap(node -> node.api().get("/metrics").text().lines())
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
