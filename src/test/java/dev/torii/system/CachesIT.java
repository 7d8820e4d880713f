package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.PostgresProcess;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The caches as clients and operators see them. */
class CachesIT {
  private static final String EMAIL = "root@example.org";
  private static final String PASSWORD = "violet-tractor-41";

  private static PostgresProcess postgres;
  private static RedisProcess redis;
  private static ToriiProcess torii;
  private static ApiClient admin;

  @BeforeAll
  static void start() {
    postgres = TestServices.freshPostgres();
    redis = TestServices.freshRedis();
    torii =
        ToriiProcess.builder()
            .redis(redis.uri())
            .postgres(postgres.uri())
            .env("TORII_ADMIN_EMAIL", EMAIL)
            .env("TORII_ADMIN_PASSWORD", PASSWORD)
            .env("TORII_AUTH_ARGON2_MEMORY_KIB", "8192")
            .env("TORII_AUTH_ARGON2_ITERATIONS", "1")
            .env("TORII_LIMITS_PROFILES_READ_LIMIT", "10000")
            .start();
    admin = torii.api().as(TestAccount.login(torii.api(), EMAIL, PASSWORD).accessToken());
  }

  @AfterAll
  static void stop() {
    torii.close();
    redis.close();
    postgres.close();
  }

  @Test
  void oldProfileIsServedAndMarkedWhilePostgresIsAway() throws IOException {
    TestAccount ann = cached();
    postgres.stop();
    try {
      redis.probe().ask("DEL", "cache:profile:" + ann.userId());
      Answer old = read(ann);
      assertThat(old.status()).as(old.text()).isEqualTo(200);
      assertThat(old.header("x-cache")).contains("stale");
      assertThat(old.json().getBoolean("cached")).isTrue();
      assertThat(old.json().getString("cached_at")).isNotNull();
      assertThat(old.json().getJsonObject("profile").getString("email")).isEqualTo(ann.email());
      assertThat(old.text()).doesNotContain("generation");
    } finally {
      postgres.startAgain();
    }
    await("PostgreSQL is asked again")
        .until(() -> read(ann).header("x-cache").orElse(""), "hit"::equals);
  }

  @Test
  void whatAnotherServiceStoredIsNoDocumentUnlessItBeginsLikeOne() throws IOException {
    TestAccount ann = TestAccount.register(torii.api());
    for (String kind : new String[] {"settings", "preferences"}) {
      String key = "cache:" + kind + ":" + ann.userId();
      for (String foreign : new String[] {"{}", "{\"other\":1}"}) {
        redis.probe().ask("SET", key, foreign, "EX", "60");
        Answer read =
            torii.api().as(ann.accessToken()).get("/api/profiles/" + ann.userId() + "/" + kind);
        assertThat(read.status()).as(read.text()).isEqualTo(200);
        assertThat(read.header("x-cache")).contains("miss");
        assertThat(read.json().getJsonObject(kind)).isNotNull();
        // what was read is stored after the answer, and must not replace the next
        await().until(() -> !foreign.equals(redis.probe().ask("GET", key)));
      }
    }
  }

  @Test
  void refusedReaderIsNotToldWhatTheCacheKnowsOfOthers() {
    TestAccount ann = cached();
    TestAccount bob = TestAccount.register(torii.api());
    Answer refused = torii.api().as(bob.accessToken()).get("/api/profiles/" + ann.userId());
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.header("x-cache")).isEmpty();
  }

  @Test
  void operatorDropsAnEntryAUserAGroupAndAWholeCache() {
    for (String path :
        new String[] {
          "/admin/caches/profiles/%s",
          "/admin/users/%s/cache",
          "/admin/cache-groups/profiles",
          "/admin/caches/profiles"
        }) {
      TestAccount ann = cached();
      Answer dropped = admin.delete(path.formatted(ann.userId()));
      assertThat(dropped.status()).as(path + dropped.text()).isEqualTo(204);
      assertThat(read(ann).header("x-cache")).as(path).contains("miss");
    }
  }

  @Test
  void unknownNamesAreNotFoundAndUsersMayNot() {
    TestAccount ann = cached();
    for (String path :
        new String[] {
          "/admin/caches/nothing", "/admin/caches/nothing/x", "/admin/cache-groups/x"
        }) {
      assertThat(admin.delete(path).status()).as(path).isEqualTo(404);
      assertThat(torii.api().as(ann.accessToken()).delete(path).status()).isEqualTo(403);
      assertThat(torii.api().delete(path).status()).isEqualTo(401);
    }
    assertThat(admin.delete("/admin/cache-groups/a%20b").status()).isEqualTo(400);
  }

  @Test
  void operatorSeesTheFiguresAndSetsThemToZero() {
    TestAccount ann = cached();
    read(ann);
    JsonObject redisLevel = profiles().getJsonObject("levels").getJsonObject("redis");
    assertThat(redisLevel.getLong("hit")).isPositive();
    assertThat(redisLevel.getLong("miss")).isPositive();
    assertThat(profiles().getJsonObject("work").getLong("loaded")).isPositive();
    assertThat(figures().getBoolean("breaker_open")).isFalse();
    await("the totals are shared")
        .until(() -> figures().getJsonObject("shared").getLong("hits") > 0);

    assertThat(admin.send(admin.request("POST", "/admin/caches/reset")).status()).isEqualTo(204);
    assertThat(profiles().getJsonObject("work").getLong("loaded")).isZero();
  }

  private static JsonObject figures() {
    return admin.get("/admin/caches").json();
  }

  private static JsonObject profiles() {
    return figures().getJsonArray("caches").stream()
        .map(JsonObject.class::cast)
        .filter(cache -> cache.getString("name").equals("profiles"))
        .findFirst()
        .orElseThrow();
  }

  /** An account whose profile is in the cache. */
  private static TestAccount cached() {
    TestAccount account = TestAccount.register(torii.api());
    await("the profile is cached")
        .until(() -> read(account).header("x-cache").orElse(""), "hit"::equals);
    return account;
  }

  private static Answer read(TestAccount account) {
    return torii.api().as(account.accessToken()).get(account.profilePath());
  }
}
