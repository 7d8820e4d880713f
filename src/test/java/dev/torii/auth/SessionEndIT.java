package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.auth.AuthApi.ListSessions;
import dev.torii.auth.AuthApi.Session;
import dev.torii.auth.AuthApi.Tokens;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sessions that end by themselves: idle for 3 seconds, or after 7 however often refreshed. */
class SessionEndIT {
  private static final String PASSWORD = "violet-tractor-41";

  private static RedisProcess redis;
  private static AuthProcess auth;

  @BeforeAll
  static void start() throws DatabaseUnusableException {
    redis = TestServices.freshRedis();
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    auth =
        AuthProcess.start(
            redis.uri(),
            pg,
            Map.of(
                "auth.accessTtlSeconds", "60",
                "auth.clockSkewSeconds", "0",
                "auth.refreshTtlSeconds", "3",
                "auth.refreshAbsoluteTtlSeconds", "7"));
  }

  @AfterAll
  static void stop() {
    auth.close();
    redis.close();
  }

  @Test
  void aSessionThatIsNotRefreshedEndsWithAllItsTokens() {
    Tokens idle = login();
    assertThat(list(idle)).hasSize(1);
    Instant end = list(idle).get(0).expiresAt();

    await().atMost(Duration.ofSeconds(10)).until(() -> list(idle).isEmpty());

    assertThat(Instant.now()).isAfterOrEqualTo(end);
    assertThat(auth.accepts(idle.accessToken())).isFalse();
    assertThat(failure(auth.refresh(idle.refreshToken())).code())
        .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> redis.probe().keys("session*:" + idle.userId() + "*").isEmpty());
  }

  @Test
  void noNumberOfRefreshesOutlivesTheAbsoluteLimit() {
    List<Tokens> chain = new ArrayList<>(List.of(login()));
    Instant end = list(chain.get(0)).get(0).absoluteExpiresAt();
    var refused = new AtomicReference<Failure>();
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(300))
        .until(() -> !refresh(chain, refused));

    assertThat(refused.get().code()).isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
    assertThat(Instant.now()).isAfterOrEqualTo(end);
    assertThat(chain)
        .allSatisfy(
            tokens -> {
              assertThat(AuthProcess.claims(tokens.refreshToken()).getLong("exp"))
                  .isLessThanOrEqualTo(end.getEpochSecond());
              assertThat(auth.accepts(tokens.accessToken())).isFalse();
            });
  }

  private static boolean refresh(List<Tokens> chain, AtomicReference<Failure> refused) {
    try {
      chain.add(await(auth.refresh(chain.get(chain.size() - 1).refreshToken())));
      return true;
    } catch (Failure e) {
      refused.set(e);
      return false;
    }
  }

  private static List<Session> list(Tokens of) {
    return await(auth.bus().ask(AuthApi.LIST_SESSIONS, new ListSessions(of.userId()))).sessions();
  }

  private static Tokens login() {
    String email = UUID.randomUUID() + "@example.org";
    await(auth.register(email, PASSWORD));
    return await(auth.login(email, PASSWORD));
  }
}
