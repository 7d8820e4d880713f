package dev.torii.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What support sees of a subject, gives back to it, and asks before a rule is changed. */
class LimitSupportIT {
  private static final JsonObject NEW_NAME = new JsonObject().put("first_name", "Ann");

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
  void rewardGivesTheOldestSlotsBackOnEachProcess() {
    TestAccount ann = bed.register();
    for (int i = 0; i < 10; i++) {
      assertThat(update(i % 2, ann).status()).isEqualTo(200);
    }
    assertThat(update(0, ann).status()).isEqualTo(429);
    assertThat(update(1, ann).status()).isEqualTo(429);
    String key = "rate:log:" + ann.userId() + ":profiles-update";
    String newest = bed.redis("ZRANGE", key, "-1", "-1");

    JsonObject given = reward(ann, 3).json();

    assertThat(given.getInteger("given_back")).isEqualTo(3);
    assertThat(given.getJsonObject("state").getInteger("used")).isEqualTo(7);
    assertThat(bed.redis("ZRANGE", key, "-1", "-1")).isEqualTo(newest);
    for (int i = 0; i < 3; i++) {
      assertThat(update((i + 1) % 2, ann).status()).isEqualTo(200);
    }
    assertThat(update(0, ann).status()).isEqualTo(429);
    assertThat(reward(ann, 1_000_000).json().getInteger("given_back")).isEqualTo(10);
    assertThat(reward(ann, 1).json().getInteger("given_back")).isZero();
  }

  @Test
  void everyRuleOfASubjectIsShown() {
    TestAccount ann = bed.register();
    update(0, ann);
    assertThat(bed.nodes.get(0).as(ann.accessToken()).get("/auth/sessions").status())
        .isEqualTo(200);
    JsonObject answer = bed.admin(1).get("/admin/subjects/" + ann.userId() + "/limits").json();
    JsonArray limits = answer.getJsonArray("limits");
    assertThat(limits)
        .extracting(one -> ((JsonObject) one).getString("rule"))
        .contains("admin", "profiles-read", "profiles-update", "tokens", "login-failures")
        .contains("default:listSessions")
        .doesNotContain("register", "default", "default:me");
    assertThat(limits)
        .filteredOn(one -> ((JsonObject) one).getString("rule").equals("profiles-update"))
        .extracting(one -> ((JsonObject) one).getInteger("used"))
        .containsExactly(1);
    assertThat(
            bed.admin(0).get("/admin/subjects/ip:127.0.0.1/limits").json().getJsonArray("limits"))
        .extracting(one -> ((JsonObject) one).getString("rule"))
        .contains("register", "login-failures");
    Answer nobody = bed.admin(0).get("/admin/subjects/" + UUID.randomUUID() + "/limits");
    assertThat(nobody.status()).as(nobody.text()).isEqualTo(200);
  }

  /**
   * Two subjects in ten seconds before a whole second of the window: one with four requests, one
   * with one. Of a limit of 2 in 3,600 s each algorithm refuses two, of 4 none.
   */
  @ParameterizedTest
  @CsvSource({"sliding-log, 2, 2", "sliding-log, 4, 0", "sliding-window, 2, 2", "gcra, 1, 3"})
  void simulationCountsWhatARuleWouldHaveRefused(String algorithm, int limit, int refused) {
    String ann = UUID.randomUUID().toString();
    String ben = UUID.randomUUID().toString();
    dropLogs();
    long now = Instant.now().getEpochSecond();
    for (int second = 40; second >= 10; second -= 10) {
      plant(ann, now - second, "a" + second);
    }
    plant(ben, now - 15, "b");
    // the further members of one dear request
    plant(ben, now - 15, "b:2");

    JsonObject simulated = simulate(algorithm, limit, 3_600, 600);

    assertThat(simulated.getBoolean("complete")).isTrue();
    assertThat(simulated.getInteger("covered_seconds")).isEqualTo(600);
    assertThat(simulated.getInteger("subjects_seen")).isEqualTo(2);
    assertThat(simulated.getInteger("requests_seen")).isEqualTo(5);
    assertThat(simulated.getInteger("refused")).isEqualTo(refused);
    JsonArray subjects = simulated.getJsonArray("subjects");
    assertThat(subjects).hasSize(refused == 0 ? 0 : 1);
    if (refused > 0) {
      JsonObject worst = subjects.getJsonObject(0);
      assertThat(worst.getString("subject")).isEqualTo(ann);
      assertThat(worst.getInteger("refused")).isEqualTo(refused);
      assertThat(Instant.parse(worst.getString("first_refused_at")).getEpochSecond())
          .isEqualTo(now - 10L * refused);
    }
  }

  @Test
  void simulationLeavesLogsAndOtherRulesAlone() {
    TestAccount ann = bed.register();
    update(0, ann);
    String key = "rate:log:" + ann.userId() + ":profiles-update";
    String before = bed.redis("ZRANGE", key, "0", "-1", "WITHSCORES");
    bed.redis("SET", "rate:log:x:profiles-update", "of another service");
    try {
      JsonObject simulated = simulate("fixed-window", 1, 60, 60);
      assertThat(simulated.getBoolean("complete")).isTrue();
      assertThat(bed.redis("ZRANGE", key, "0", "-1", "WITHSCORES")).isEqualTo(before);
    } finally {
      bed.redis("DEL", "rate:log:x:profiles-update");
    }
  }

  @Test
  void simulationShowsTheWorstFiftyOfManyAndNeverMoreThanTheWindow() {
    dropLogs();
    long now = Instant.now().getEpochSecond();
    for (int i = 0; i < 60; i++) {
      String subject = UUID.randomUUID().toString();
      plant(subject, now - 5, "a");
      plant(subject, now - 4, "b");
      if (i < 10) {
        plant(subject, now - 3, "c");
      }
    }
    JsonObject simulated = simulate("sliding-log", 1, 60, 2_000_000);
    assertThat(simulated.getInteger("covered_seconds")).isEqualTo(3_600);
    assertThat(simulated.getInteger("subjects_refused")).isEqualTo(60);
    assertThat(simulated.getInteger("refused")).isEqualTo(70);
    JsonArray subjects = simulated.getJsonArray("subjects");
    assertThat(subjects).hasSize(50);
    for (int i = 0; i < 50; i++) {
      assertThat(subjects.getJsonObject(i).getInteger("refused")).isEqualTo(i < 10 ? 2 : 1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "no-such-rule, gcra, 1, 404",
    "login-failures, gcra, 1, 404",
    "default, gcra, 1, 404",
    "default:login-failures, gcra, 1, 400",
    "default:nosuch, gcra, 1, 404",
    "default:getProfile, gcra, 1, 404",
    "default:*, gcra, 1, 400",
    "default:[a-z], gcra, 1, 400",
    "*, gcra, 1, 400",
    "admin, none, 1, 400",
    "admin, gcra, 0, 400"
  })
  void simulationOfNonsenseIsRefused(String endpoint, String algorithm, int limit, int status) {
    JsonObject rule = rule(algorithm, limit, 60).put("endpoint", endpoint);
    Answer answer =
        bed.admin(0)
            .post("/admin/limits/simulate", new JsonObject().put("rule", rule).put("last", 60));
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
  }

  @Test
  void simulationReplaysLongLogsToo() {
    dropLogs();
    String ann = UUID.randomUUID().toString();
    long now = Instant.now().getEpochSecond();
    for (int i = 0; i < 150; i++) {
      plant(ann, now - 10 - i, "a" + i);
    }
    JsonObject simulated = simulate("sliding-log", 140, 3_600, 3_600);
    assertThat(simulated.getBoolean("complete")).isTrue();
    assertThat(simulated.getInteger("requests_seen")).isEqualTo(150);
    assertThat(simulated.getInteger("refused")).isEqualTo(10);
  }

  @Test
  void counterThatCountsNothingIsNotThere() {
    TestAccount ann = bed.register();
    for (String rule :
        List.of("default", "default:nosuch", "default:getProfile", "profiles-read:me")) {
      String path = "/admin/limits/" + rule + "/" + ann.userId();
      assertThat(bed.admin(0).get(path).status()).as(rule).isEqualTo(404);
      assertThat(bed.admin(0).delete(path).status()).as(rule).isEqualTo(404);
    }
    String me = "/admin/limits/default:me/" + ann.userId();
    bed.nodes.get(0).as(ann.accessToken()).get("/auth/me");
    assertThat(bed.admin(0).get(me).json().getInteger("used")).isEqualTo(1);
  }

  @Test
  void loginsFailByAccountAndAddressOnly() {
    String path = "/admin/limits/login-failures/key:" + UUID.randomUUID();
    assertThat(bed.admin(0).get(path).status()).isEqualTo(400);
    assertThat(bed.admin(0).delete(path).status()).isEqualTo(400);
  }

  @Test
  void answersNameTheCounterThatWasMeant() {
    String address = "/admin/limits/register/ip:2001:DB8:1:2::5";
    assertThat(bed.admin(0).get(address).json().getString("subject"))
        .isEqualTo("ip:2001:db8:1:2::/64");
  }

  @Test
  void simulationIsForAdmins() {
    TestAccount ann = bed.register();
    JsonObject body = new JsonObject().put("rule", rule("gcra", 1, 60)).put("last", 60);
    ApiClient own = bed.nodes.get(0).as(ann.accessToken());
    assertThat(own.post("/admin/limits/simulate", body).status()).isEqualTo(403);
  }

  private static JsonObject simulate(String algorithm, int limit, int window, int last) {
    JsonObject body =
        new JsonObject().put("rule", rule(algorithm, limit, window)).put("last", last);
    Answer answer = bed.admin(0).post("/admin/limits/simulate", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  private static JsonObject rule(String algorithm, int limit, int windowSeconds) {
    return new JsonObject()
        .put("endpoint", "profiles-update")
        .put("algorithm", algorithm)
        .put("limit", limit)
        .put("window_seconds", windowSeconds);
  }

  private static void plant(String subject, long epochSecond, String event) {
    String key = "rate:log:" + subject + ":profiles-update";
    bed.redis("ZADD", key, epochSecond + "000000", event);
    bed.redis("EXPIRE", key, "3600");
  }

  private static void dropLogs() {
    String all = "return redis.call('DEL', 'x', unpack(redis.call('KEYS', 'rate:log:*')))";
    bed.redis("EVAL", all, "0");
  }

  private static Answer reward(TestAccount account, int count) {
    Answer given =
        bed.admin(0)
            .post(
                "/admin/limits/profiles-update/" + account.userId() + "/reward",
                new JsonObject().put("count", count));
    assertThat(given.status()).as(given.text()).isEqualTo(200);
    return given;
  }

  private static Answer update(int node, TestAccount account) {
    return bed.nodes.get(node).as(account.accessToken()).put(account.profilePath(), NEW_NAME);
  }
}
