package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.auth.AuthApi.Tokens;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The copy of the sessions in a Redis that loses it; sessions have a server of their own. */
class SessionRefillIT {
  private static final String PASSWORD = "violet-tractor-41";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static RedisProcess redis;
  private static RedisProcess sessions;
  private static AuthProcess one;
  private static AuthProcess two;
  private static AuthRows rows;

  @BeforeAll
  static void start() throws DatabaseUnusableException {
    redis = TestServices.freshRedis();
    sessions = TestServices.freshRedis();
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    rows = new AuthRows(pg);
    Map<String, String> settings =
        Map.of(
            "redis.areas.sessions", sessions.uri(),
            "sessions.includeTokens", "true",
            "limits.login-failures.limit", "1000");
    one = AuthProcess.start(redis.uri(), pg, settings);
    two = AuthProcess.start(redis.uri(), pg, settings);
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
    redis.close();
    sessions.close();
  }

  @Test
  void everySessionIsThereAgainAfterAFlushAsItWas() throws IOException {
    Tokens login = login();
    Tokens refreshed = await(two.refresh(login().refreshToken()));
    Tokens ended = login();
    await(one.logout(ended));
    var before = new HashMap<String, JsonObject>();
    for (Tokens tokens : List.of(login, refreshed)) {
      before.put(key(tokens), new JsonObject(sessions.probe().text("GET", key(tokens))));
    }

    sessions.probe().ask("FLUSHALL");

    await().atMost(PATIENCE).until(SessionRefillIT::isFilled);
    for (Tokens tokens : List.of(login, refreshed)) {
      JsonObject again = new JsonObject(sessions.probe().text("GET", key(tokens)));
      assertThat(again).isEqualTo(before.get(key(tokens)));
      assertThat(again.getString("refresh_token")).isEqualTo(tokens.refreshToken());
      assertThat(sessions.probe().number("TTL", key(tokens))).isBetween(3_500L, 3_600L);
      assertThat(sessions.probe().ask("ZRANGE", "sessions:" + tokens.userId(), "0", "-1"))
          .isEqualTo(List.of(tokens.sessionId().toString()));
      assertThat(sessions.probe().number("TTL", "sessions:" + tokens.userId()))
          .isBetween(3_500L, 3_601L);
    }
    assertThat(sessions.probe().number("EXISTS", key(ended))).isZero();
  }

  @Test
  void aSessionIsWrittenAgainWithTheRestOfItsLife() throws IOException {
    Tokens old = login();
    Tokens past = login();
    rows.run(
        "UPDATE refresh_token SET issued_at = now() - interval '50 minutes' WHERE session_id = ?",
        old.sessionId());
    rows.run(
        "UPDATE refresh_token SET issued_at = now() - interval '61 minutes' WHERE session_id = ?",
        past.sessionId());

    sessions.probe().ask("FLUSHALL");

    await().atMost(PATIENCE).until(SessionRefillIT::isFilled);
    assertThat(sessions.probe().number("TTL", key(old))).isBetween(540L, 600L);
    assertThat(sessions.probe().number("EXISTS", key(past))).isZero();
  }

  @Test
  void whatChangedWhileRedisWasAwayIsMadeGood() throws IOException {
    Tokens ended = login();
    Tokens refreshed = login();

    sessions.kill();
    await(one.logout(ended));
    Tokens newer = await(two.refresh(refreshed.refreshToken()));
    sessions.startAgain();

    await().atMost(PATIENCE).until(() -> sessions.probe().number("EXISTS", key(ended)) == 0);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                newer
                    .refreshToken()
                    .equals(
                        new JsonObject(sessions.probe().text("GET", key(newer)))
                            .getString("refresh_token")));
  }

  @Test
  void aLogoutThatRacesTheRefillLeavesNothingBehind() throws IOException {
    for (int round = 0; round < 5; round++) {
      List<Tokens> logins = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        logins.add(login());
      }
      sessions.probe().ask("FLUSHALL");
      logins.stream().map(two::logout).toList().forEach(AuthProcess::await);

      await().atMost(PATIENCE).until(SessionRefillIT::isFilled);
      for (Tokens tokens : logins) {
        await().atMost(PATIENCE).until(() -> sessions.probe().number("EXISTS", key(tokens)) == 0);
        assertThat(sessions.probe().number("EXISTS", "sessions:" + tokens.userId())).isZero();
      }
    }
  }

  @Test
  void theUseOfASessionIsToldOnceAMinuteAndToRedisToo() throws IOException {
    Tokens tokens = login();
    rows.run(
        "UPDATE session SET last_seen_at = now() - interval '1 minute' WHERE id = ?",
        tokens.sessionId());
    String before = lastSeen(tokens);
    one.lastSeen().add(tokens.sessionId(), Instant.now().plusSeconds(1));
    await().atMost(PATIENCE).until(() -> !before.equals(lastSeen(tokens)));
    String told = lastSeen(tokens);
    String inRedis =
        rows.text(
            "SELECT to_char(last_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                + " FROM session WHERE id = ?",
            tokens.sessionId());
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                inRedis.equals(
                    new JsonObject(sessions.probe().text("GET", key(tokens)))
                        .getString("last_seen_at")));
    assertThat(sessions.probe().number("TTL", key(tokens))).isPositive();

    two.lastSeen().add(tokens.sessionId(), Instant.now().plusSeconds(30));
    Tokens other = login();
    rows.run(
        "UPDATE session SET last_seen_at = now() - interval '2 minutes' WHERE id = ?",
        other.sessionId());
    String otherBefore = lastSeen(other);
    two.lastSeen().add(other.sessionId(), Instant.now());
    await().atMost(PATIENCE).until(() -> !otherBefore.equals(lastSeen(other)));
    assertThat(lastSeen(tokens)).isEqualTo(told);
  }

  /** All were given after the last loss, by both processes when both have to. */
  private static boolean isFilled() throws IOException {
    return sessions.probe().number("EXISTS", "torii:{sessions}:filled") == 1;
  }

  private static String lastSeen(Tokens tokens) {
    return rows.text("SELECT last_seen_at FROM session WHERE id = ?", tokens.sessionId());
  }

  private static String key(Tokens tokens) {
    return "session:" + tokens.userId() + ":" + tokens.sessionId();
  }

  private static Tokens login() {
    String email = UUID.randomUUID() + "@example.org";
    await(one.register(email, PASSWORD));
    return await(one.login(email, PASSWORD));
  }
}
