package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.ToriiCluster;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that change while two processes serve. */
class LimitReloadIT {
  private static final String START =
      "limits: {sessions: {limit: 70, windowSeconds: 3600, routes: /auth/sessions}}";

  @TempDir static Path directory;

  private static Path file;
  private static ToriiCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    file = directory.resolve("torii.yaml");
    write(START);
    cluster =
        ToriiCluster.start(
            2,
            settings ->
                settings
                    .with(TestAdmin::in)
                    .env("TORII_CONFIG", file.toString())
                    .env("TORII_LIMITS_REGISTER_LIMIT", "100000"));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void adminsPutOtherRulesInForceAndFaultyOnesNever() throws IOException {
    ApiClient admin = TestAdmin.login(cluster.api(0));
    TestAccount ann = TestAccount.register(cluster.api(0));
    assertThat(limit(0, ann)).isEqualTo("70");
    assertThat(limit(1, ann)).isEqualTo("70");

    write(
        """
        limits: {sessions: {limit: 60, windowSeconds: 3600, routes: /auth/sessions}}
        http: {maxConnections: 5000}
        """);
    Answer reloaded = admin.post("/admin/limits/reload", "");
    assertThat(reloaded.status()).as(reloaded.text()).isEqualTo(200);
    assertThat(reloaded.json())
        .isEqualTo(
            new JsonObject()
                .put("changed", new JsonArray(List.of("sessions")))
                .put("need_restart", new JsonArray(List.of("http.maxConnections")))
                .put("idle", new JsonArray())
                .put("told_others", true));
    assertThat(limit(0, ann)).isEqualTo("60");
    await("the other process").until(() -> limit(1, ann).equals("60"));
    for (String action : List.of("limits.reloaded", "limits.*")) {
      assertThat(admin.get("/admin/audit?action=" + action).json().getJsonArray("entries"))
          .hasSize(1);
    }
    assertThat(admin.get("/admin/audit?action=limit.*").json().getJsonArray("entries")).isEmpty();
    assertThat(admin.get("/admin/audit?action=l*").status()).isEqualTo(400);

    write(
        """
        limits:
          sessions: {limit: 40, windowSeconds: 3600, routes: /auth/sessions, methods: get}
          other: {limit: 1}
        """);
    Answer refused = admin.post("/admin/limits/reload", "");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().getJsonArray("errors")).hasSize(2);
    assertThat(refused.text()).contains("limits.sessions.methods", "limits.other.windowSeconds");
    assertThat(limit(0, ann)).isEqualTo("60");
    assertThat(limit(1, ann)).isEqualTo("60");

    write("limits: {sessions: {limit: 50, windowSeconds: 3600, routes: /auth/nowhere}}");
    assertThat(admin.post("/admin/limits/reload", "").text())
        .contains("torii.yaml:1: limits.sessions.routes: openapi.yaml has no /auth/nowhere")
        .contains("The configuration is at fault, not this call");

    write("limits: {register: {subject: user}}");
    assertThat(admin.post("/admin/limits/reload", "").text())
        .contains("limits.register.subject cannot be user: /auth/register knows no caller");
    startRulesAgain(ann);
  }

  @Test
  void ruleThatIsGoneIsNotShownInMetrics() throws IOException {
    TestAccount ann = TestAccount.register(cluster.api(0));
    assertThat(limit(0, ann)).isEqualTo("70");
    assertThat(cluster.api(0).get("/metrics").text()).contains("rule=\"sessions\"");
    write("limits: {}");
    TestAdmin.login(cluster.api(0)).post("/admin/limits/reload", "");
    assertThat(cluster.api(0).get("/metrics").text()).doesNotContain("rule=\"sessions\"");
    startRulesAgain(ann);
    assertThat(cluster.api(0).get("/metrics").text()).contains("rule=\"sessions\"");
  }

  @Test
  void signalsPutOtherRulesInForceInOneProcessAndFaultyOnesNever() throws IOException {
    assumeTrue(cluster.node(1).hearsHangUp(), "started by something that ignores SIGHUP");
    TestAccount ann = TestAccount.register(cluster.api(0));
    write("limits: {other: {limit: 1}}");
    cluster.node(1).hangUp();
    await("the fault is told")
        .until(() -> cluster.node(1).logs().contains("limits.other.windowSeconds"));
    assertThat(limit(1, ann)).isEqualTo("70");

    write("limits: {sessions: {limit: 50, windowSeconds: 3600, routes: /auth/sessions}}");
    cluster.node(1).hangUp();
    await("the signal").until(() -> limit(1, ann).equals("50"));
    assertThat(limit(0, ann)).as("a signal is for one process").isEqualTo("70");

    write(START);
    cluster.node(1).hangUp();
    await("as before").until(() -> limit(1, ann).equals("70"));
  }

  private static void startRulesAgain(TestAccount ann) throws IOException {
    write(START);
    TestAdmin.login(cluster.api(0)).post("/admin/limits/reload", "");
    await("as before").until(() -> limit(0, ann).equals("70") && limit(1, ann).equals("70"));
  }

  @Test
  void rulesAreListedWithWhereTheyApply() {
    ApiClient admin = TestAdmin.login(cluster.api(0));
    JsonArray rules = admin.get("/admin/limits").json().getJsonArray("rules");
    assertThat(named(rules, "profiles-read").getJsonArray("applies_to"))
        .containsExactly("GET /api/profiles/{user_id}");
    assertThat(named(rules, "sessions").getJsonArray("applies_to"))
        .contains("GET /auth/sessions", "DELETE /auth/sessions");
    assertThat(named(rules, "login-failures").getJsonArray("applies_to")).isEmpty();
    TestAccount ann = TestAccount.register(cluster.api(0));
    ApiClient user = cluster.api(0).as(ann.accessToken());
    assertThat(user.get("/admin/limits").status()).isEqualTo(403);
    assertThat(user.post("/admin/limits/reload", "").status()).isEqualTo(403);
  }

  private static JsonObject named(JsonArray rules, String name) {
    return rules.stream()
        .map(JsonObject.class::cast)
        .filter(rule -> rule.getString("name").equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The limit of the closest rule, which is the one of the file while it is below 100. */
  private static String limit(int node, TestAccount account) {
    Answer answer = cluster.api(node).as(account.accessToken()).get("/auth/sessions");
    return answer.header("x-ratelimit-limit").orElseThrow();
  }

  private static void write(String rules) throws IOException {
    Files.writeString(file, rules);
  }
}
