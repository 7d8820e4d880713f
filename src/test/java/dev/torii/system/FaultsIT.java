package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.PostgresProcess;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import dev.torii.testing.Traffic;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Bad days of Redis and PostgreSQL under traffic to two processes: every answer within two seconds,
 * no wrong data, no revoked token accepted, and all well again within ten seconds.
 */
class FaultsIT {
  private static final Duration RECOVERY = Duration.ofSeconds(10);

  /** Answers that are waited for while a fault lasts. */
  private static final int ANSWERS_DURING_A_FAULT = 200;

  private static PostgresProcess postgres;
  private static FaultProxy postgresProxy;
  private static ToriiCluster cluster;

  private Traffic traffic;

  @BeforeAll
  static void start() {
    postgres = TestServices.freshPostgres();
    postgresProxy = FaultProxy.inFrontOf(postgres.port());
    cluster =
        ToriiCluster.start(
            2,
            postgresProxy.uri(postgres.uri()),
            settings ->
                settings
                    .env("TORII_REDIS_RECONNECT_MAX_MS", "500")
                    .env("TORII_LIMITS_REGISTER_LIMIT", "100000")
                    .env("TORII_LIMITS_PROFILES_READ_LIMIT", "1000000")
                    .env("TORII_LIMITS_PROFILES_READ_WINDOW_SECONDS", "1")
                    .env("TORII_LIMITS_PROFILES_UPDATE_LIMIT", "1000000")
                    .env("TORII_LIMITS_PROFILES_UPDATE_WINDOW_SECONDS", "1"));
  }

  @AfterAll
  static void stop() {
    cluster.close();
    postgresProxy.close();
    postgres.close();
  }

  @BeforeEach
  void startTraffic() {
    awaitAllWell();
    traffic = Traffic.start(cluster);
    for (int i = 0; i < 3; i++) {
      traffic.revoked(loggedOut(cluster.api(i % 2)));
    }
    awaitMoreAnswers();
  }

  /** Whatever happened: everything is well again in time, and nothing was wrong in between. */
  @AfterEach
  void endTraffic() {
    endAllFaults();
    try (Traffic running = traffic) {
      awaitAllWell();
      long writes = running.acknowledgedWrites();
      long hits = running.cacheHits();
      long refusals = running.refusals();
      await("all as before")
          .atMost(RECOVERY)
          .until(
              () ->
                  running.acknowledgedWrites() > writes + 5
                      && running.cacheHits() > hits + 5
                      && running.refusals() > refusals + 5);
      awaitMoreAnswers();
    }
    assertThat(traffic.faults()).as(traffic.summary()).isEmpty();
  }

  @Test
  void redisStops() {
    RedisProcess redis = cluster.redis();
    redis.stop();
    awaitReadiness("degraded");
    awaitMoreAnswers();
  }

  @Test
  void redisIsKilledAndComesBackEmpty() {
    RedisProcess redis = cluster.redis();
    redis.kill();
    awaitMoreAnswers();
    redis.startEmpty();
  }

  @Test
  void redisIsBehindABlackHole() {
    cluster.redisProxy().blackHole();
    awaitReadiness("degraded");
    awaitMoreAnswers();
  }

  @Test
  void redisFreezes() {
    cluster.redis().pause();
    awaitReadiness("degraded");
    awaitMoreAnswers();
  }

  @Test
  void redisConnectionsAreReset() {
    for (int i = 0; i < 5; i++) {
      cluster.redisProxy().reset();
      awaitMoreAnswers();
    }
  }

  @Test
  void redisIsSlow() {
    cluster.redisProxy().latency(Duration.ofMillis(150));
    awaitMoreAnswers();
  }

  @Test
  void redisIsFlushed() throws IOException {
    for (int i = 0; i < 5; i++) {
      cluster.redis().probe().ask("FLUSHALL");
      cluster.redis().probe().ask("SCRIPT", "FLUSH");
      awaitMoreAnswers();
    }
    TestAccount ann = TestAccount.register(cluster.api(0));
    cluster.api(0).as(ann.accessToken()).post("/auth/logout", new JsonObject());
    cluster.redis().probe().ask("FLUSHALL");
    assertThat(cluster.api(1).as(ann.accessToken()).get("/auth/me").status()).isEqualTo(401);
    assertThat(cluster.api(0).as(ann.accessToken()).get("/auth/me").status()).isEqualTo(401);
  }

  @Test
  void logoutWhileRedisIsAwayHoldsOnBothProcessesAtOnce() {
    TestAccount ann = TestAccount.register(cluster.api(0));
    List<TestAccount> sessions =
        List.of(ann, ann.loginAgain(cluster.api(1)), ann.loginAgain(cluster.api(0)));
    cluster.redisProxy().blackHole();
    awaitReadiness("degraded");
    for (TestAccount session : sessions) {
      ApiClient.Answer ended =
          cluster.api(0).as(session.accessToken()).post("/auth/logout", new JsonObject());
      assertThat(ended.status()).as(ended.text()).isEqualTo(204);
      assertThat(ended.took()).isLessThan(Duration.ofSeconds(2));
      assertThat(cluster.api(1).as(session.accessToken()).get("/auth/me").status()).isIn(401, 503);
      assertThat(cluster.api(0).as(session.accessToken()).get("/auth/me").status()).isIn(401, 503);
    }
    cluster.redisProxy().heal();
    awaitReadiness("ready");
    for (TestAccount session : sessions) {
      traffic.revoked(session.accessToken());
    }
  }

  @Test
  void postgresRestarts() {
    postgres.restart();
    awaitMoreAnswers();
  }

  @Test
  void postgresIsKilled() {
    postgres.kill();
    awaitMoreAnswers();
  }

  @Test
  void postgresIsBehindABlackHole() {
    postgresProxy.blackHole();
    awaitReadiness("unready");
    awaitMoreAnswers();
  }

  @Test
  void bothAreAway() {
    cluster.redisProxy().cut();
    postgresProxy.cut();
    awaitMoreAnswers();
  }

  /** A test that failed half-way must not fail the others. */
  private static void endAllFaults() {
    cluster.redisProxy().heal();
    postgresProxy.heal();
    if (cluster.redis().isRunning()) {
      cluster.redis().resume();
    } else {
      cluster.redis().startAgain();
    }
    if (!postgres.isRunning()) {
      postgres.startAgain();
    }
  }

  private void awaitMoreAnswers() {
    long enough = traffic.answers() + ANSWERS_DURING_A_FAULT;
    await("answers").atMost(Duration.ofSeconds(30)).until(() -> traffic.answers() >= enough);
  }

  private static void awaitAllWell() {
    awaitReadiness("ready");
  }

  private static void awaitReadiness(String status) {
    for (ToriiProcess node : cluster.nodes()) {
      ApiClient api = node.api();
      await(status)
          .atMost(RECOVERY)
          .until(() -> api.get("/health/ready").json().getString("status"), status::equals);
    }
  }

  /** An access token whose logout was acknowledged. */
  private static String loggedOut(ApiClient api) {
    TestAccount account = TestAccount.register(api);
    ApiClient own = api.as(account.accessToken());
    assertThat(own.get(account.profilePath()).status()).isEqualTo(200);
    assertThat(own.post("/auth/logout", new JsonObject()).status()).isEqualTo(204);
    return account.accessToken();
  }
}
