package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.ToriiCluster;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two processes on one database and one Redis are one service. */
class TwoProcessesIT {
  private static ToriiCluster cluster;
  private static ApiClient a;
  private static ApiClient b;

  /** Both migrate and make keys at the same moment. */
  @BeforeAll
  static void startTogetherOnAnEmptyDatabase() {
    cluster =
        ToriiCluster.start(
            2,
            settings ->
                settings
                    .env("TORII_LIMITS_REGISTER_LIMIT", "1000")
                    .env("TORII_WRITE_BEHIND_INTERVAL_MS", "60000"));
    a = cluster.api(0);
    b = cluster.api(1);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void logoutOnOneIsRefusedOnBothAtOnce() {
    for (int round = 0; round < 20; round++) {
      TestAccount ann = TestAccount.register(a);
      assertThat(b.as(ann.accessToken()).get(ann.profilePath()).status()).isEqualTo(200);
      assertThat(a.as(ann.accessToken()).post("/auth/logout", new JsonObject()).status())
          .isEqualTo(204);
      for (ApiClient node : List.of(b, a)) {
        assertThat(node.as(ann.accessToken()).get(ann.profilePath()).status()).isEqualTo(401);
        assertThat(refresh(node, ann.refreshToken()).status()).isEqualTo(401);
      }
    }
  }

  @Test
  void logoutEndsOneSessionOnly() {
    TestAccount phone = TestAccount.register(a);
    TestAccount laptop = phone.loginAgain(b);
    a.as(phone.accessToken()).post("/auth/logout", new JsonObject());
    assertThat(b.as(laptop.accessToken()).get("/auth/me").status()).isEqualTo(200);
    assertThat(a.as(laptop.accessToken()).get("/auth/me").status()).isEqualTo(200);
  }

  @Test
  void changeOnOneIsSeenOnTheOtherAtOnceThoughItWasCached() {
    TestAccount ann = TestAccount.register(a);
    ApiClient annOnA = a.as(ann.accessToken());
    ApiClient annOnB = b.as(ann.accessToken());
    for (int round = 0; round < 8; round++) {
      readUntilCached(annOnB, ann);
      String name = "Ann " + round;
      Answer changed = annOnA.put(ann.profilePath(), new JsonObject().put("first_name", name));
      assertThat(changed.status()).as(changed.text()).isEqualTo(200);
      JsonObject seen = annOnB.get(ann.profilePath()).json().getJsonObject("profile");
      assertThat(seen.getString("first_name")).isEqualTo(name);
    }
  }

  @Test
  void twiceTheLimitOverBothAdmitsExactlyTheLimit() throws IOException {
    TestAccount ann = TestAccount.register(a);
    List<ApiClient> nodes = List.of(a.as(ann.accessToken()), b.as(ann.accessToken()));
    List<CompletableFuture<Answer>> asked =
        IntStream.range(0, 200)
            .mapToObj(i -> nodes.get(i % 2))
            .map(node -> node.sendAsync(node.request("GET", ann.profilePath())))
            .toList();
    List<Answer> answers = asked.stream().map(CompletableFuture::join).toList();
    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(100);
    assertThat(answers)
        .filteredOn(answer -> answer.status() != 200)
        .allSatisfy(
            answer -> {
              assertThat(answer.status()).isEqualTo(429);
              assertThat(answer.problem()).isEqualTo("rate-limited");
              assertThat(answer.header("retry-after").map(Integer::valueOf).orElseThrow())
                  .isBetween(3_500, 3_600);
            });
    List<String> logs = cluster.redis().probe().keys("rate:log:" + ann.userId() + ":*");
    assertThat(logs).hasSize(1);
    assertThat(cluster.redis().probe().number("ZCARD", logs.get(0))).isEqualTo(100);
  }

  @Test
  void refusedSubjectCostsNoRedisCommand() throws IOException {
    TestAccount ann = TestAccount.register(a);
    ApiClient own = a.as(ann.accessToken());
    JsonObject change = new JsonObject().put("first_name", "Ann");
    for (int i = 0; i < 10; i++) {
      assertThat(own.put(ann.profilePath(), change).status()).isEqualTo(200);
    }
    assertThat(own.put(ann.profilePath(), change).status()).isEqualTo(429);
    long before = cluster.redis().probe().calls("evalsha");
    for (int i = 0; i < 10; i++) {
      assertThat(own.put(ann.profilePath(), change).status()).isEqualTo(429);
    }
    assertThat(cluster.redis().probe().calls("evalsha")).isEqualTo(before);
  }

  @Test
  void parallelRefreshesOverBothLeaveOneLivingChain() {
    TestAccount ann = TestAccount.register(a);
    List<CompletableFuture<Answer>> asked = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ApiClient node = i % 2 == 0 ? a : b;
      JsonObject body = new JsonObject().put("refresh_token", ann.refreshToken());
      asked.add(node.sendAsync(node.request("POST", "/auth/refresh", body.encode())));
    }
    List<Answer> answers = asked.stream().map(CompletableFuture::join).toList();
    assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
    Set<String> chains =
        answers.stream()
            .map(answer -> answer.json().getString("refresh_token"))
            .collect(Collectors.toSet());
    assertThat(chains).hasSize(1);
    String next = chains.iterator().next();
    assertThat(refresh(b, next).status()).isEqualTo(200);
  }

  @Test
  void tokensOfOneAreGoodOnTheOther() {
    TestAccount onA = TestAccount.register(a);
    TestAccount onB = onA.loginAgain(b);
    assertThat(b.as(onA.accessToken()).get("/auth/me").status()).isEqualTo(200);
    assertThat(a.as(onB.accessToken()).get("/auth/me").status()).isEqualTo(200);
  }

  @Test
  void keysOfOneVerifyTheTokensOfTheOther() {
    assertThat(a.get("/.well-known/jwks.json").text())
        .isEqualTo(b.get("/.well-known/jwks.json").text());
  }

  @Test
  void sessionKeysFollowThePublishedContract() throws IOException {
    TestAccount ann = TestAccount.register(a);
    List<String> sessions = cluster.redis().probe().keys("session:" + ann.userId() + ":*");
    assertThat(sessions).hasSize(1);
    JsonObject session = new JsonObject(cluster.redis().probe().text("GET", sessions.get(0)));
    assertThat(session.fieldNames())
        .contains("user_id", "session_id", "created_at", "expires_at", "access_jti", "refresh_jti")
        .doesNotContain("access_token", "refresh_token");
    assertThat(cluster.redis().probe().number("TTL", sessions.get(0))).isBetween(1L, 3_600L);
    a.as(ann.accessToken()).post("/auth/logout", new JsonObject());
    assertThat(cluster.redis().probe().keys("session:" + ann.userId() + ":*")).isEmpty();
    String revoked = "blacklist:access:" + session.getString("access_jti");
    assertThat(cluster.redis().probe().text("GET", revoked)).isEqualTo("true");
    assertThat(cluster.redis().probe().number("TTL", revoked)).isPositive();
  }

  private static Answer refresh(ApiClient node, String token) {
    return node.post("/auth/refresh", new JsonObject().put("refresh_token", token));
  }

  private static void readUntilCached(ApiClient own, TestAccount account) {
    Answer answer = own.get(account.profilePath());
    for (int tries = 0; tries < 5 && !answer.json().getBoolean("cached"); tries++) {
      answer = own.get(account.profilePath());
    }
    assertThat(answer.json().getBoolean("cached")).isTrue();
  }
}
