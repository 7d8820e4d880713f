package dev.torii.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of single subjects: set on one process, in force on both. */
class LimitOverridesIT {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final JsonObject NEW_NAME = new JsonObject().put("first_name", "Ann");

  private static AdminBed bed;

  @BeforeAll
  static void start() {
    bed = new AdminBed();
    // The first request of a kind loads classes, which is not what is timed here.
    TestAccount first = bed.register();
    for (int node = 0; node < 2; node++) {
      bed.nodes.get(node).as(first.accessToken()).get(first.profilePath());
      update(node, first);
      set(node, first, 5, 1);
    }
  }

  @AfterAll
  static void stop() {
    bed.close();
  }

  @Test
  void raisedLimitIsInForceOnTheOtherProcessAlthoughItRemembersARefusal() {
    TestAccount ann = bed.register();
    for (int i = 0; i < 10; i++) {
      assertThat(update(1, ann).status()).isEqualTo(200);
    }
    assertThat(update(0, ann).status()).isEqualTo(429);
    assertThat(update(1, ann).status()).isEqualTo(429);

    set(0, ann, 12, 3_600);

    await().atMost(SOON).until(() -> update(1, ann).status() == 200);
    Answer last = update(0, ann);
    assertThat(last.status()).isEqualTo(200);
    assertThat(last.header("x-ratelimit-limit")).contains("12");
    assertThat(last.header("ratelimit-policy")).contains("\"profiles-update\";q=12;w=3600");
    assertThat(update(1, ann).status()).isEqualTo(429);
    assertThat(update(0, ann).status()).isEqualTo(429);
  }

  @Test
  void blockIsA429UntilItsEndOnEachProcessAndNamesItself() {
    TestAccount ann = bed.register();
    Answer blocked =
        bed.admin(0)
            .post(
                limit("profiles-read", ann) + "/block",
                new JsonObject().put("expires_in_seconds", 900).put("reason", "scraping"));
    assertThat(blocked.status()).as(blocked.text()).isEqualTo(200);
    assertThat(blocked.json().getBoolean("block")).isTrue();

    for (int node = 0; node < 2; node++) {
      ApiClient own = bed.nodes.get(node).as(ann.accessToken());
      await().atMost(SOON).until(() -> own.get(ann.profilePath()).status() == 429);
      Answer refused = own.get(ann.profilePath());
      assertThat(refused.json().getString("policy")).isEqualTo("profiles-read:block");
      assertThat(refused.header("retry-after").map(Integer::valueOf).orElseThrow())
          .isBetween(890, 900);
      assertThat(own.put(ann.profilePath(), NEW_NAME).status()).isEqualTo(200);
    }
    JsonObject state = bed.admin(1).get(limit("profiles-read", ann)).json();
    assertThat(state.getInteger("limit")).isZero();
    assertThat(state.getJsonObject("override").getString("reason")).isEqualTo("scraping");

    assertThat(bed.admin(1).delete(limit("profiles-read", ann) + "/override").status())
        .isEqualTo(204);
    for (ApiClient node : bed.nodes) {
      ApiClient own = node.as(ann.accessToken());
      await().atMost(SOON).until(() -> own.get(ann.profilePath()).status() == 200);
    }
  }

  @Test
  void overrideEndsByItself() {
    TestAccount ann = bed.register();
    set(0, ann, 0, 2);
    await().atMost(SOON).until(() -> update(1, ann).status() == 429);
    await().atMost(Duration.ofSeconds(4)).until(() -> update(1, ann).status() == 200);
    assertThat(bed.admin(0).delete(limit("profiles-update", ann) + "/override").status())
        .isEqualTo(404);
  }

  @Test
  void refusalUnderALoweredLimitEndsWithIt() {
    TestAccount ann = bed.register();
    assertThat(update(0, ann).status()).isEqualTo(200);
    set(0, ann, 1, 2);
    assertThat(update(0, ann).status()).isEqualTo(429);
    await().atMost(Duration.ofSeconds(4)).until(() -> update(0, ann).status() == 200);
  }

  @Test
  void holdsWithoutRedisAndIsSetWithoutRedis() {
    TestAccount ann = bed.register();
    TestAccount ben = bed.register();
    set(0, ann, 0, 600);
    await().atMost(SOON).until(() -> update(1, ann).status() == 429);
    bed.cluster().redisProxy().cut();
    try {
      assertThat(update(1, ann).status()).isEqualTo(429);
      set(0, ben, 0, 600);
      long answered = System.nanoTime();
      await().atMost(Duration.ofSeconds(3)).until(() -> update(1, ben).status() == 429);
      assertThat(Duration.ofNanos(System.nanoTime() - answered)).isLessThan(Duration.ofSeconds(3));
    } finally {
      bed.cluster().redisProxy().heal();
    }
  }

  @Test
  void processThatStartsLaterKnows() {
    TestAccount ann = bed.register();
    set(0, ann, 0, 600);
    try (ToriiProcess third = bed.startAnother()) {
      Answer refused = third.api().as(ann.accessToken()).put(ann.profilePath(), NEW_NAME);
      assertThat(refused.status()).isEqualTo(429);
    }
  }

  @Test
  void listGoesThroughAllInForceAndTheAuditLogTellsWho() throws SQLException {
    bed.execute("DELETE FROM limit_override");
    List<String> subjects = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      subjects.add(UUID.randomUUID().toString());
      Answer set = bed.admin(i % 2).put(path("admin", subjects.get(i)), override(7 + i, 600));
      assertThat(set.status()).as(set.text()).isEqualTo(200);
    }
    List<Object> found = new ArrayList<>();
    String cursor = null;
    do {
      String query = "?limit=2" + (cursor == null ? "" : "&cursor=" + cursor);
      JsonObject page = bed.admin(1).get("/admin/limit-overrides" + query).json();
      page.getJsonArray("overrides")
          .forEach(one -> found.add(((JsonObject) one).getString("subject")));
      cursor = page.getString("next_cursor");
    } while (cursor != null);
    assertThat(found).containsExactlyElementsOf(List.copyOf(subjects));

    JsonObject entry =
        bed.admin(0)
            .get("/admin/audit?action=limit.override-set&subject=" + subjects.get(0))
            .json()
            .getJsonArray("entries")
            .getJsonObject(0);
    assertThat(entry.getJsonObject("actor").getString("id")).isEqualTo(bed.root.userId());
    assertThat(entry.getJsonObject("detail").getInteger("limit")).isEqualTo(7);
    assertThat(Instant.parse(entry.getJsonObject("detail").getString("expires_at")))
        .isAfter(Instant.now());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a%3Ab%3Ac",
        "%C3%A9",
        "ip%3A127.0.0.1%0AFLUSHALL",
        "*",
        "ip%3A%7Bx%7D",
        "%27%20OR%201=1",
        "ip%3A",
        "ip%3A999",
        "ip%3A127.0.0.1%2F64"
      })
  void subjectWithOddCharactersIsRefusedEverywhere(String subject) {
    ApiClient admin = bed.admin(0);
    JsonObject block = new JsonObject().put("expires_in_seconds", 60);
    String path = "/admin/limits/profiles-read/" + subject;
    assertThat(admin.put(path + "/override", override(1, 60)).status()).isEqualTo(400);
    assertThat(admin.delete(path + "/override").status()).isEqualTo(400);
    assertThat(admin.post(path + "/block", block).status()).isEqualTo(400);
    assertThat(admin.post(path + "/reward", new JsonObject().put("count", 1)).status())
        .isEqualTo(400);
    assertThat(admin.get(path).status()).isEqualTo(400);
    assertThat(admin.get("/admin/subjects/" + subject + "/limits").status()).isEqualTo(400);
  }

  @Test
  void onlyAdminsMayAndOnlyForRulesThatThereAre() {
    TestAccount ann = bed.register();
    ApiClient own = bed.nodes.get(0).as(ann.accessToken());
    assertThat(own.put(path("profiles-read", ann.userId()), override(9_999, 60)).status())
        .isEqualTo(403);
    assertThat(own.get("/admin/limit-overrides").status()).isEqualTo(403);
    assertThat(bed.nodes.get(0).get("/admin/limit-overrides").status()).isEqualTo(401);
    for (String rule : List.of("no-such-rule", "login-failures")) {
      assertThat(bed.admin(0).put(path(rule, ann.userId()), override(5, 60)).status())
          .isEqualTo(404);
    }
    JsonObject forever = new JsonObject().put("limit", 5);
    assertThat(bed.admin(0).put(path("profiles-read", ann.userId()), forever).status())
        .isEqualTo(400);
  }

  @Test
  void adminCannotLockItselfOut() {
    String own = "/admin/limits/admin/" + bed.root.userId();
    JsonObject block = new JsonObject().put("expires_in_seconds", 60);
    assertThat(bed.admin(0).post(own + "/block", block).status()).isEqualTo(409);
    assertThat(bed.admin(0).put(own + "/override", override(0, 60)).status()).isEqualTo(409);
    String elsewhere = path("profiles-read", bed.root.userId());
    assertThat(bed.admin(0).put(elsewhere, override(0, 60)).status()).isEqualTo(200);
    assertThat(bed.admin(0).delete(elsewhere).status()).isEqualTo(204);
  }

  @Test
  void overrideOfWhatIsNotCountedIsRefused() {
    TestAccount ann = bed.register();
    for (String rule : List.of("default:nosuch", "default:getProfile", "profiles-read:me")) {
      assertThat(bed.admin(0).put(path(rule, ann.userId()), override(5, 60)).status())
          .as(rule)
          .isEqualTo(404);
    }
    assertThat(bed.admin(0).put(path("default", ann.userId()), override(5, 60)).status())
        .isEqualTo(200);
    assertThat(bed.admin(0).delete(path("default", ann.userId())).status()).isEqualTo(204);
  }

  @Test
  void ruleOfOperationsIsNamedWithOne() {
    TestAccount ann = bed.register();
    assertThat(bed.admin(0).put(path("default:me", ann.userId()), override(0, 600)).status())
        .isEqualTo(200);
    for (ApiClient node : bed.nodes) {
      ApiClient own = node.as(ann.accessToken());
      await().atMost(SOON).until(() -> own.get("/auth/me").status() == 429);
      assertThat(own.get("/auth/sessions").status()).isEqualTo(200);
    }
  }

  @Test
  void subjectsThatARuleDoesNotCountHaveNoLimitOfTheirOwn() {
    TestAccount ann = bed.register();
    for (String path :
        List.of(
            path("profiles-read", "ip:127.0.0.1"),
            path("profiles-read", "key:" + ann.userId()),
            path("register", ann.userId()))) {
      assertThat(bed.admin(0).put(path, override(5, 60)).status()).as(path).isEqualTo(404);
    }
    Answer none = bed.admin(0).get("/admin/subjects/key:" + ann.userId() + "/limits");
    assertThat(none.status()).as(none.text()).isEqualTo(200);
    assertThat(none.json().getJsonArray("limits")).isEmpty();
  }

  private static void set(int node, TestAccount account, int limit, int seconds) {
    Answer set =
        bed.admin(node).put(path("profiles-update", account.userId()), override(limit, seconds));
    assertThat(set.status()).as(set.text()).isEqualTo(200);
  }

  private static JsonObject override(int limit, int seconds) {
    return new JsonObject().put("limit", limit).put("expires_in_seconds", seconds);
  }

  private static String path(String rule, String subject) {
    return "/admin/limits/" + rule + "/" + subject + "/override";
  }

  private static String limit(String rule, TestAccount account) {
    return "/admin/limits/" + rule + "/" + account.userId();
  }

  private static Answer update(int node, TestAccount account) {
    return bed.nodes.get(node).as(account.accessToken()).put(account.profilePath(), NEW_NAME);
  }
}
