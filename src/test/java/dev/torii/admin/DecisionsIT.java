package dev.torii.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every limited answer can be explained: by any process, to its caller and to admins. */
class DecisionsIT {
  private static final JsonObject NEW_NAME = new JsonObject().put("first_name", "Ann");

  /** Admissions that a process keeps here. */
  private static final int KEPT = 50;

  private static AdminBed bed;

  @BeforeAll
  static void start() {
    bed = new AdminBed();
  }

  @AfterAll
  static void stop() {
    bed.close();
  }

  @Test
  void anyProcessExplainsAnAdmissionToItsCallerAndToAnAdmin() {
    TestAccount ann = bed.register();
    ApiClient onA = bed.nodes.get(0).as(ann.accessToken());
    onA.get(ann.profilePath());
    HttpRequest.Builder second =
        onA.request("GET", ann.profilePath())
            .header("X-Request-Id", "why-1")
            .header("X-Forwarded-For", "203.0.113.7");
    String id = decisionId(onA.send(second));

    JsonObject here = explained(onA.get("/admin/decisions/" + id));
    JsonObject there =
        explained(bed.nodes.get(1).as(ann.accessToken()).get("/admin/decisions/" + id));
    JsonObject toAdmin = explained(bed.admin(1).get("/admin/decisions/" + id));

    assertThat(there).isEqualTo(here);
    assertThat(toAdmin.getJsonObject("address").getString("socket")).isEqualTo("127.0.0.1");
    assertThat(toAdmin.getJsonObject("address").getBoolean("socket_trusted")).isFalse();
    assertThat(toAdmin.getJsonArray("rules").getJsonObject(0).getString("key"))
        .isEqualTo("rate:log:" + ann.userId() + ":profiles-read");
    assertThat(toAdmin.getJsonObject("address").getString("forwarded_for"))
        .isEqualTo("203.0.113.7");
    toAdmin.getJsonObject("address").putNull("forwarded_for");
    toAdmin.getJsonObject("address").remove("socket");
    toAdmin.getJsonObject("address").remove("socket_trusted");
    toAdmin.getJsonArray("rules").getJsonObject(0).remove("key");
    assertThat(here).as("what the caller is told").isEqualTo(toAdmin);
    assertThat(here.getString("request_id")).isEqualTo("why-1");
    assertThat(here.getString("method")).isEqualTo("GET");
    assertThat(here.getString("route")).isEqualTo("/api/profiles/{user_id}");
    assertThat(here.getString("caller")).isEqualTo(ann.userId());
    assertThat(here.getBoolean("admitted")).isTrue();
    assertThat(here.getString("cache")).isEqualTo("hit");
    assertThat(Instant.parse(here.getString("at"))).isBeforeOrEqualTo(Instant.now());
    assertThat(here.getJsonObject("address"))
        .isEqualTo(
            new JsonObject()
                .putNull("forwarded_for")
                .put("result", "127.0.0.1")
                .put("subject", "ip:127.0.0.1"));
    JsonObject rule = here.getJsonArray("rules").getJsonObject(0);
    assertThat(rule.getString("rule")).isEqualTo("profiles-read");
    assertThat(rule.getInteger("used_before")).isEqualTo(1);
    assertThat(rule.getInteger("used_after")).isEqualTo(2);
    assertThat(rule.getString("limit_from")).isEqualTo("rule");
    assertThat(rule.getString("mode")).isEqualTo("redis");
    assertThat(rule.getJsonArray("times")).hasSize(2);
    assertThat(rule.getBoolean("times_complete")).isTrue();
  }

  @Test
  void explanationSaysWhenItDoesNotShowAllTimes() {
    TestAccount ann = bed.register();
    String key = "rate:log:" + ann.userId() + ":profiles-read";
    long now = Instant.now().getEpochSecond();
    bed.admin(0)
        .put(
            "/admin/limits/profiles-read/" + ann.userId() + "/override",
            new JsonObject().put("limit", 500).put("expires_in_seconds", 600));
    for (int i = 0; i < 101; i++) {
      bed.redis("ZADD", key, now - 60 - i + "000000", "planted" + i);
    }
    String id = decisionId(bed.nodes.get(0).as(ann.accessToken()).get(ann.profilePath()));
    JsonObject rule =
        explained(bed.admin(0).get("/admin/decisions/" + id))
            .getJsonArray("rules")
            .getJsonObject(0);
    assertThat(rule.getJsonArray("times")).hasSize(100);
    assertThat(rule.getBoolean("times_complete")).isFalse();
  }

  @Test
  void apiKeyMayAskAboutItsOwnRequestsOnly() {
    TestAccount ann = bed.register();
    JsonObject wanted =
        new JsonObject()
            .put("name", "asks")
            .put("scopes", new JsonArray().add("tokens:revoke"))
            .put("expires_in_days", 1);
    Answer made = bed.admin(0).post("/admin/api-keys", wanted);
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    ApiClient key = bed.nodes.get(0).as(made.json().getString("api_key"));
    String anns = decisionId(bed.nodes.get(0).as(ann.accessToken()).get(ann.profilePath()));
    Answer foreign = key.get("/admin/decisions/" + anns);
    assertThat(foreign.status()).as(foreign.text()).isEqualTo(404);
    Answer own = key.get("/admin/decisions/" + decisionId(foreign));
    assertThat(explained(own).getString("route")).isEqualTo("/admin/decisions/{id}");
    assertThat(key.get("/auth/me").status()).isEqualTo(403);
  }

  @Test
  void refusalNamesWhatFilledTheWindowAndWhenASlotFrees() {
    TestAccount ann = bed.register();
    ApiClient onA = bed.nodes.get(0).as(ann.accessToken());
    for (int i = 0; i < 10; i++) {
      assertThat(onA.put(ann.profilePath(), NEW_NAME).status()).isEqualTo(200);
    }
    Answer byRedis = onA.put(ann.profilePath(), NEW_NAME);
    Answer byMemory = onA.put(ann.profilePath(), NEW_NAME);
    assertThat(byRedis.status()).isEqualTo(429);

    JsonObject asked = explained(bed.admin(1).get("/admin/decisions/" + decisionId(byRedis)));
    JsonObject known = explained(bed.admin(1).get("/admin/decisions/" + decisionId(byMemory)));

    assertThat(asked.getBoolean("admitted")).isFalse();
    JsonObject rule = asked.getJsonArray("rules").getJsonObject(0);
    assertThat(rule.getInteger("used_before")).isEqualTo(10);
    assertThat(rule.getInteger("used_after")).isEqualTo(10);
    assertThat(rule.getString("mode")).isEqualTo("redis");
    assertThat(known.getJsonArray("rules").getJsonObject(0).getString("mode")).isEqualTo("memory");
    assertThat(rule.getJsonArray("times")).hasSize(10);
    Instant oldest = Instant.parse(rule.getJsonArray("times").getString(9));
    assertThat(Instant.parse(rule.getString("next_slot_at")))
        .isBetween(oldest.plusSeconds(3_599), oldest.plusSeconds(3_601));
  }

  @Test
  void overrideAndBlockAreNamedAsWhereTheLimitCameFrom() {
    TestAccount ann = bed.register();
    String path = "/admin/limits/profiles-read/" + ann.userId();
    JsonObject hour = new JsonObject().put("expires_in_seconds", 3_600);
    ApiClient onA = bed.nodes.get(0).as(ann.accessToken());
    bed.admin(0).put(path + "/override", hour.copy().put("limit", 7));
    assertThat(limitFrom(onA.get(ann.profilePath()))).isEqualTo("override 7");
    bed.admin(0).post(path + "/block", hour);
    assertThat(limitFrom(onA.get(ann.profilePath()))).isEqualTo("block 0");
  }

  @Test
  void anotherUserLearnsNothing() {
    TestAccount ann = bed.register();
    TestAccount eve = bed.register();
    String id = decisionId(bed.nodes.get(0).as(ann.accessToken()).get(ann.profilePath()));
    String unknown = id.substring(0, 11) + "ffffffffffffffff";
    for (ApiClient node : bed.nodes) {
      ApiClient own = node.as(eve.accessToken());
      Answer foreign = own.get("/admin/decisions/" + id);
      Answer missing = own.get("/admin/decisions/" + unknown);
      assertThat(foreign.status()).isEqualTo(404);
      assertThat(foreign.json().getString("detail")).isEqualTo(missing.json().getString("detail"));
      assertThat(node.get("/admin/decisions/" + id).status()).isEqualTo(401);
    }
  }

  @Test
  void requestOfNobodyIsExplainedToAdminsOnly() {
    TestAccount ann = bed.register();
    JsonObject nobody = new JsonObject().put("email", "x").put("password", "y");
    String id = decisionId(bed.nodes.get(1).post("/auth/register", nobody));
    assertThat(bed.nodes.get(1).as(ann.accessToken()).get("/admin/decisions/" + id).status())
        .isEqualTo(404);
    JsonObject decision = explained(bed.admin(0).get("/admin/decisions/" + id));
    assertThat(decision.getString("caller")).isNull();
    assertThat(decision.getJsonArray("rules").getJsonObject(0).getString("subject"))
        .isEqualTo("ip:127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "0123456789-0123456789abcdef",
        "0123456789-0123456789ABCDEF",
        "%2E%2E",
        "*",
        "0123456789-0123456789abcde%0A",
        "0123456789%20*0123456789abcdef",
        "zzzzzzzzzz-ffffffffffffffff"
      })
  void forgedIdIsUnknownAtOnce(String id) {
    Answer answer = bed.admin(0).get("/admin/decisions/" + id);
    assertThat(answer.status()).as(answer.text()).isIn(400, 404);
    assertThat(answer.took()).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void hugeIdAndHugeForwardedHeaderAreBounded() {
    assertThat(bed.admin(0).get("/admin/decisions/" + "a".repeat(4_000)).status()).isEqualTo(400);
    TestAccount ann = bed.register();
    ApiClient own = bed.nodes.get(0).as(ann.accessToken());
    HttpRequest.Builder request =
        own.request("GET", ann.profilePath()).header("X-Forwarded-For", "1".repeat(8_000));
    String id = decisionId(own.send(request));
    JsonObject decision = explained(bed.admin(0).get("/admin/decisions/" + id));
    assertThat(decision.getJsonObject("address").getString("forwarded_for")).hasSize(256);
  }

  @Test
  void malformedReadOfAnotherTellsNothingOfTheCache() {
    TestAccount ann = bed.register();
    ApiClient eve = bed.nodes.get(0).as(bed.register().accessToken());
    bed.nodes.get(0).as(ann.accessToken()).get(ann.profilePath());

    Answer refused = eve.get(ann.profilePath() + "?x=1");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.header("x-cache")).isEmpty();
    assertThat(explained(eve.get("/admin/decisions/" + decisionId(refused))).getString("cache"))
        .isNull();
  }

  @Test
  void floodOfAdmissionsLeavesRefusals() {
    TestAccount ann = bed.register();
    ApiClient onA = bed.nodes.get(0).as(ann.accessToken());
    bed.admin(0)
        .post(
            "/admin/limits/profiles-read/" + ann.userId() + "/block",
            new JsonObject().put("expires_in_seconds", 3_600));
    String refused = decisionId(onA.get(ann.profilePath()));
    Set<String> ids = new HashSet<>();
    String first = decisionId(onA.get("/auth/me"));
    for (int i = 0; i < KEPT; i++) {
      ids.add(decisionId(onA.get("/auth/me")));
    }
    assertThat(ids).hasSize(KEPT);
    assertThat(onA.get("/admin/decisions/" + refused).status()).isEqualTo(200);
    assertThat(onA.get("/admin/decisions/" + first).status()).isEqualTo(404);
  }

  private static String limitFrom(Answer answer) {
    JsonObject decision = explained(bed.admin(1).get("/admin/decisions/" + decisionId(answer)));
    JsonObject rule = decision.getJsonArray("rules").getJsonObject(0);
    return rule.getString("limit_from") + " " + rule.getInteger("limit");
  }

  private static String decisionId(Answer answer) {
    return answer.header("x-decision-id").orElseThrow();
  }

  private static JsonObject explained(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }
}
