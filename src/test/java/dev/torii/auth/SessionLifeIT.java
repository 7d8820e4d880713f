package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.audit.Actor;
import dev.torii.auth.AuthApi.EndSession;
import dev.torii.auth.AuthApi.EndSessions;
import dev.torii.auth.AuthApi.ListSessions;
import dev.torii.auth.AuthApi.Registered;
import dev.torii.auth.AuthApi.Session;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.failure.ErrorCode;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How many sessions live, how long, and what is told of them; over two processes. */
class SessionLifeIT {
  private static final String PASSWORD = "violet-tractor-41";
  private static final int CAP = 3;

  private static RedisProcess redis;
  private static AuthProcess one;
  private static AuthProcess two;
  private static AuthRows rows;

  @BeforeAll
  static void start() throws DatabaseUnusableException {
    redis = TestServices.freshRedis();
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    rows = new AuthRows(pg);
    Map<String, String> settings =
        Map.of(
            "sessions.maxPerUser", Integer.toString(CAP),
            "auth.hashQueue", "100",
            "limits.login-failures.limit", "1000",
            "auth.accessTtlSeconds", "60",
            "auth.clockSkewSeconds", "0",
            "auth.refreshTtlSeconds", "2",
            "auth.refreshAbsoluteTtlSeconds", "4");
    one = AuthProcess.start(redis.uri(), pg, settings);
    two = AuthProcess.start(redis.uri(), pg, settings);
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
    redis.close();
  }

  @Test
  void theOldestSessionMakesRoomForANewOne() throws IOException {
    Login user = register();
    List<Tokens> logins = new ArrayList<>();
    for (int i = 0; i <= CAP; i++) {
      logins.add(await((i % 2 == 0 ? one : two).login(user.email, PASSWORD)));
    }
    Tokens oldest = logins.remove(0);

    assertThat(list(user.id)).extracting(Session::sessionId).hasSize(CAP);
    assertThat(list(user.id))
        .extracting(Session::sessionId)
        .containsExactly(
            logins.get(2).sessionId(), logins.get(1).sessionId(), logins.get(0).sessionId());
    assertThat(failure(one.refresh(oldest.refreshToken())).code())
        .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
    assertThat(two.accepts(oldest.accessToken())).isFalse();
    assertThat(redis.probe().keys("session:" + user.id + ":*")).hasSize(CAP);
    assertThat(redis.probe().number("ZCARD", "sessions:" + user.id)).isEqualTo(CAP);
    String jti =
        rows.text("SELECT access_jti FROM refresh_token WHERE session_id = ?", oldest.sessionId());
    assertThat(redis.probe().text("GET", "blacklist:access:" + jti)).isEqualTo("true");
    assertThat(endings(oldest)).containsExactly("torii cap");
  }

  @Test
  void theCapHoldsExactlyWhenLoginsAreParallel() throws IOException {
    Login user = register();
    List<Future<Tokens>> logins = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      logins.add((i % 2 == 0 ? one : two).login(user.email, PASSWORD));
    }
    List<Tokens> given = logins.stream().map(AuthProcess::await).toList();

    assertThat(list(user.id)).hasSize(CAP);
    List<UUID> living = list(user.id).stream().map(Session::sessionId).toList();
    for (Tokens tokens : given) {
      boolean lives = living.contains(tokens.sessionId());
      await().atMost(Duration.ofSeconds(1)).until(() -> one.accepts(tokens.accessToken()) == lives);
    }
    assertThat(redis.probe().number("ZCARD", "sessions:" + user.id)).isEqualTo(CAP);
  }

  @Test
  void aSessionThatIsNotRefreshedEndsByItself() {
    Login user = register();
    Tokens idle = await(one.login(user.email, PASSWORD));
    assertThat(one.accepts(idle.accessToken())).isTrue();

    await().atMost(Duration.ofSeconds(4)).until(() -> list(user.id).isEmpty());

    assertThat(one.accepts(idle.accessToken())).isFalse();
    assertThat(failure(two.refresh(idle.refreshToken())).code())
        .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
    await()
        .atMost(Duration.ofSeconds(2))
        .until(() -> redis.probe().keys("session*:" + user.id + "*").isEmpty());
  }

  @Test
  void noNumberOfRefreshesOutlivesTheAbsoluteLimit() {
    Login user = register();
    Tokens first = await(one.login(user.email, PASSWORD));
    Instant end = list(user.id).get(0).absoluteExpiresAt();
    List<Tokens> chain = new ArrayList<>(List.of(first));
    await()
        .atMost(Duration.ofSeconds(8))
        .pollInterval(Duration.ofMillis(400))
        .until(
            () -> {
              Tokens last = chain.get(chain.size() - 1);
              assertThat(AuthProcess.claims(last.refreshToken()).getLong("exp"))
                  .isLessThanOrEqualTo(end.getEpochSecond());
              return two.refresh(last.refreshToken())
                  .onSuccess(chain::add)
                  .map(false)
                  .otherwise(true)
                  .toCompletionStage()
                  .toCompletableFuture()
                  .get();
            });

    assertThat(chain.size()).isGreaterThan(4);
    assertThat(Instant.now()).isAfterOrEqualTo(end);
    assertThat(chain).noneMatch(tokens -> one.accepts(tokens.accessToken()));
  }

  @Test
  void noTokenIsGivenOutInTheSecondInWhichAllAreRevoked() {
    Login user = register();
    Tokens before = await(one.login(user.email, PASSWORD));
    rows.run("UPDATE account SET not_before = now() WHERE id = ?", user.id);
    Instant notBefore = rows.time("SELECT not_before FROM account WHERE id = ?", user.id);

    Future<Tokens> login = one.login(user.email, PASSWORD);
    Future<Tokens> refresh = two.refresh(before.refreshToken());

    for (Tokens after : List.of(await(login), await(refresh))) {
      assertThat(AuthProcess.claims(after.accessToken()).getLong("iat"))
          .isGreaterThan(notBefore.getEpochSecond());
    }
  }

  @Test
  void onlyTheUserEndsASessionAndOnlyOnce() {
    Login ann = register();
    Login bob = register();
    Tokens first = await(one.login(ann.email, PASSWORD));
    UUID session = first.sessionId();
    Actor byBob = Actor.user(bob.id, "203.0.113.8");
    Actor byAnn = Actor.user(ann.id, "203.0.113.7");

    assertThat(
            failure(one.bus().ask(AuthApi.END_SESSION, new EndSession(byBob, bob.id, session)))
                .code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(one.accepts(first.accessToken())).isTrue();
    await(one.bus().ask(AuthApi.END_SESSION, new EndSession(byAnn, ann.id, session)));
    assertThat(
            failure(one.bus().ask(AuthApi.END_SESSION, new EndSession(byAnn, ann.id, session)))
                .code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(one.accepts(first.accessToken())).isFalse();
    assertThat(endings(first)).containsExactly("user revoked");
  }

  @Test
  void sessionsEndTogetherExceptForOne() {
    Login user = register();
    Tokens kept = await(one.login(user.email, PASSWORD));
    Tokens other = await(one.login(user.email, PASSWORD));
    Actor admin = Actor.user(UUID.randomUUID(), "203.0.113.9");

    var others = new EndSessions(admin, user.id, kept.sessionId());
    assertThat(await(one.bus().ask(AuthApi.END_SESSIONS, others)).sessions()).isEqualTo(1);
    assertThat(one.accepts(kept.accessToken())).isTrue();
    assertThat(one.accepts(other.accessToken())).isFalse();
    assertThat(endings(other)).containsExactly("user admin");

    var all = new EndSessions(Actor.user(user.id, null), user.id, null);
    assertThat(await(two.bus().ask(AuthApi.END_SESSIONS, all)).sessions()).isEqualTo(1);
    assertThat(two.accepts(kept.accessToken())).isFalse();
    assertThat(endings(kept)).containsExactly("user logout");
    assertThat(list(user.id)).isEmpty();
  }

  @Test
  void reuseIsAuditedOnceAndOtherSessionsLiveOn() {
    Login user = register();
    Tokens other = await(one.login(user.email, PASSWORD));
    Tokens first = await(one.login(user.email, PASSWORD));
    Tokens second = await(one.refresh(first.refreshToken()));
    await(two.refresh(second.refreshToken()));

    for (int i = 0; i < 3; i++) {
      assertThat(failure(one.refresh(first.refreshToken())).code())
          .isEqualTo(ErrorCode.TOKEN_REUSED);
    }

    assertThat(
            rows.texts(
                "SELECT ip || ' ' || (detail->>'generation') FROM audit"
                    + " WHERE action = 'refresh.reused' AND subject = ?",
                first.sessionId().toString()))
        .containsExactly("203.0.113.7 1");
    assertThat(endings(first)).containsExactly("torii reuse");
    assertThat(one.counter("torii.auth.refresh.reused")).isPositive();
    assertThat(await(two.refresh(other.refreshToken())).sessionId()).isEqualTo(other.sessionId());
    assertThat(
            rows.texts(
                "SELECT actor_kind FROM audit WHERE action = 'session.opened' AND actor_id = ?",
                user.id))
        .containsExactly("user", "user");
  }

  private static List<String> endings(Tokens of) {
    return rows.texts(
        "SELECT actor_kind || ' ' || (detail->>'reason') FROM audit"
            + " WHERE action = 'session.ended' AND subject = ?",
        of.sessionId().toString());
  }

  private static List<Session> list(UUID user) {
    return await(one.bus().ask(AuthApi.LIST_SESSIONS, new ListSessions(user))).sessions();
  }

  private static Login register() {
    String email = UUID.randomUUID() + "@example.org";
    Registered registered = await(one.register(email, PASSWORD));
    return new Login(registered.userId(), email);
  }

  private record Login(UUID id, String email) {}
}
