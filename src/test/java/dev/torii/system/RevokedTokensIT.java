package dev.torii.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.PostgresProcess;
import dev.torii.testing.RedisFiller;
import dev.torii.testing.RevokedTokens;
import dev.torii.testing.Siege;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import dev.torii.tokens.Sha256;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Revoked tokens are asked for on two processes without a pause, while one layer or another loses
 * what it knew. The benchmark's figure {@code revoked-tokens} does the same with a thousand.
 */
class RevokedTokensIT {
  private static final int TOKENS = 40;
  private static final Duration RECOVERY = Duration.ofSeconds(15);

  private static PostgresProcess postgres;
  private static ToriiCluster cluster;
  private static TestAccount alive;
  private static List<String> revoked;

  private Siege siege;

  @BeforeAll
  static void start() {
    postgres = TestServices.freshPostgres();
    cluster = ToriiCluster.start(2, postgres.uri(), RevokedTokensIT::settings);
    alive = TestAccount.register(cluster.api(0));
    revoked = RevokedTokens.make(TOKENS, List.of(cluster.api(0), cluster.api(1)));
  }

  @AfterAll
  static void stop() {
    cluster.close();
    postgres.close();
  }

  @BeforeEach
  void begin() throws InterruptedException {
    siege = Siege.of(cluster.nodes().stream().map(ToriiProcess::baseUri).toList(), revoked, 2);
    siege.awaitRound();
  }

  /** A token that is not revoked comes in again, so the others are refused for what they are. */
  @AfterEach
  void end() throws InterruptedException {
    try (Siege asked = siege) {
      asked.awaitRound();
      cluster.nodes().forEach(node -> awaitWell(node.api()));
      asked.awaitRound();
    }
    assertThat(siege.wrong()).as(siege.toString()).isZero();
  }

  @Test
  void aFlushBringsNoneBack() throws IOException, InterruptedException {
    for (int i = 0; i < 5; i++) {
      cluster.redis().probe().ask("FLUSHALL");
      siege.awaitRound();
    }
  }

  @Test
  void anEmptyRedisAfterAKillBringsNoneBack() throws InterruptedException {
    cluster.redis().kill();
    siege.awaitRound();
    cluster.redis().startEmpty();
  }

  @Test
  void evictionBringsNoneBack() throws IOException {
    try (var filler = RedisFiller.of(cluster.redis().probe(), "allkeys-lru")) {
      filler.evictRevocations();
    }
    cluster.redis().probe().ask("FLUSHALL");
  }

  @Test
  void aRestartOfPostgresBringsNoneBack() {
    postgres.restart();
  }

  /** Its port is known beforehand, so that there are questions before its first answer. */
  @Test
  void aNewProcessKnowsAllFromItsFirstAnswer() throws IOException, InterruptedException {
    cluster.redis().probe().ask("FLUSHALL");
    try (var first = settings(process()).start()) {
      int port = first.baseUri().getPort();
      first.stop();
      try (var asked = Siege.of(List.of(first.baseUri()), revoked, 2);
          var again = settings(process()).env("TORII_HTTP_PORT", "" + port).start()) {
        asked.awaitRound();
        awaitWell(again.api());
        assertThat(asked.wrong()).as(asked.toString()).isZero();
        assertThat(asked.answers(401)).isPositive();
      }
    }
  }

  @Test
  void aLogoutHoldsOnBothThoughItsKeysAreLostAtOnce() throws IOException {
    for (int i = 0; i < 20; i++) {
      ApiClient here = cluster.api(i % 2);
      ApiClient there = cluster.api((i + 1) % 2);
      String token = alive.loginAgain(here).accessToken();
      assertThat(there.as(token).get("/auth/me").status()).isEqualTo(200);
      assertThat(here.as(token).post("/auth/logout", new JsonObject()).status()).isEqualTo(204);
      cluster.redis().probe().ask("FLUSHALL");
      assertThat(there.as(token).get("/auth/me").status()).isIn(401, 503);
      assertThat(here.as(token).get("/auth/me").status()).isIn(401, 503);
    }
  }

  /** As other services do, with redis-cli or any client, with a life and without. */
  @Test
  void aKeyOfAnotherServiceIsHonouredAtOnceOnBoth() throws IOException {
    for (String life : List.of("", "60")) {
      for (String kind : List.of("access", "token")) {
        String token = alive.loginAgain(cluster.api(0)).accessToken();
        for (int i = 0; i < 2; i++) {
          assertThat(cluster.api(i).as(token).get("/auth/me").status()).isEqualTo(200);
        }
        set(key(kind, token), life);
        for (int i = 0; i < 2; i++) {
          assertThat(cluster.api(i).as(token).get("/auth/me").status()).as(kind).isEqualTo(401);
        }
      }
      for (String kind : List.of("refresh", "token")) {
        String token = alive.loginAgain(cluster.api(0)).refreshToken();
        set(key(kind, token), life);
        JsonObject body = new JsonObject().put("refresh_token", token);
        for (int i = 0; i < 2; i++) {
          assertThat(cluster.api(i).post("/auth/refresh", body).status()).as(kind).isEqualTo(401);
        }
      }
    }
  }

  /** A logout revokes for the rest of a token's life; another service may have said more. */
  @Test
  void aShorterLifeNeverReplacesALongerOneInRedis() throws IOException {
    TestAccount first = alive.loginAgain(cluster.api(0));
    JsonObject body = new JsonObject().put("refresh_token", first.refreshToken());
    TestAccount second = first.with(cluster.api(1).post("/auth/refresh", body).json());
    set(key("access", first.accessToken()), "");
    set(key("refresh", second.refreshToken()), "86400000");
    ApiClient own = cluster.api(0).as(second.accessToken());
    assertThat(own.post("/auth/logout", new JsonObject()).status()).isEqualTo(204);
    assertThat(ttl(key("access", first.accessToken()))).isEqualTo(-1);
    assertThat(ttl(key("refresh", second.refreshToken()))).isGreaterThan(86_000_000);
    assertThat(ttl(key("access", second.accessToken()))).isBetween(900L, 930L);
  }

  private static void set(String key, String life) throws IOException {
    if (life.isEmpty()) {
      cluster.redis().probe().ask("SET", key, "1");
    } else {
      cluster.redis().probe().ask("SET", key, "1", "EX", life);
    }
  }

  private static long ttl(String key) throws IOException {
    return cluster.redis().probe().number("TTL", key);
  }

  private static String key(String kind, String token) {
    String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), UTF_8);
    String id = kind.equals("token") ? Sha256.hex(token) : new JsonObject(claims).getString("jti");
    return "blacklist:" + kind + ':' + id;
  }

  private static void awaitWell(ApiClient node) {
    ApiClient own = node.as(alive.accessToken());
    await("a token that is not revoked")
        .atMost(RECOVERY)
        .until(() -> own.get("/auth/me").status() == 200);
  }

  private static ToriiProcess.Builder process() {
    return ToriiProcess.builder().redis(cluster.redis().uri()).postgres(postgres.uri());
  }

  private static ToriiProcess.Builder settings(ToriiProcess.Builder process) {
    return process
        .env("TORII_REDIS_RECONNECT_MAX_MS", "500")
        .env("TORII_AUTH_ARGON2_MEMORY_KIB", "8192")
        .env("TORII_LIMITS_DEFAULT_LIMIT", "1000000")
        .env("TORII_LIMITS_DEFAULT_WINDOW_SECONDS", "1");
  }
}
