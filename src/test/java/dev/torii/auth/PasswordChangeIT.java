package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.auth.AuthApi.Tokens;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Passwords and their hashes over two processes, of which the second hashes at a higher cost. */
class PasswordChangeIT {
  private static final String PASSWORD = "violet-tractor-41";
  private static final String NEXT = "purple-tractor-41";

  private static RedisProcess redis;
  private static AuthProcess one;
  private static AuthProcess two;

  private final String email = UUID.randomUUID() + "@example.org";

  @BeforeAll
  static void start() throws DatabaseUnusableException {
    redis = TestServices.freshRedis();
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    one = AuthProcess.start(redis.uri(), pg, Map.of());
    two = AuthProcess.start(redis.uri(), pg, Map.of("auth.argon2Iterations", "2"));
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
    redis.close();
  }

  @Test
  void endsEveryOtherSessionAndKeepsItsOwn() {
    UUID userId = await(one.register(email, PASSWORD)).userId();
    Tokens own = await(one.login(email, PASSWORD));
    Tokens other = await(one.login(email, PASSWORD));

    await(one.changePassword(own, PASSWORD, NEXT));

    assertThat(one.accepts(own.accessToken())).isTrue();
    assertThat(one.accepts(other.accessToken())).isFalse();
    assertThat(failure(two.refresh(other.refreshToken())).code())
        .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
    assertThat(await(two.refresh(own.refreshToken()))).isNotNull();
    assertThat(failure(two.login(email, PASSWORD)).code()).isEqualTo(ErrorCode.INVALID_CREDENTIALS);
    assertThat(await(two.login(email, NEXT))).isNotNull();
    assertThat(one.audit("password.changed", userId)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "password123", "violet-tractor-41", ""})
  void refusesAPasswordThatNobodyShouldChoose(String next) {
    await(one.register(email, PASSWORD));
    Tokens own = await(one.login(email, PASSWORD));

    Failure refused = failure(one.changePassword(own, PASSWORD, next));

    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID);
    assertThat(refused.errors()).extracting(FieldError::pointer).containsExactly("/new_password");
  }

  @Test
  void wrongCurrentPasswordsCountAsFailedLoginsAndAreLimited() {
    UUID userId = await(one.register(email, PASSWORD)).userId();
    Tokens own = await(one.login(email, PASSWORD));
    Tokens other = await(one.login(email, PASSWORD));
    for (int i = 0; i < 5; i++) {
      assertThat(failure(one.changePassword(own, "wrong", NEXT)).code())
          .isEqualTo(ErrorCode.INVALID_CREDENTIALS);
    }

    assertThat(failure(two.changePassword(own, PASSWORD, NEXT)).code())
        .isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(failure(two.login(email, PASSWORD)).code()).isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(one.audit("login.failed", userId)).hasSize(5);
    // Not even the address is in the way of the owner's other session.
    await(two.changePassword(other, PASSWORD, NEXT));
  }

  @Test
  void ofTwoChangesAtOnceOneWins() {
    await(one.register(email, PASSWORD));
    Tokens here = await(one.login(email, PASSWORD));
    Tokens there = await(one.login(email, PASSWORD));

    Future<Boolean> first = succeeds(one.changePassword(here, PASSWORD, NEXT));
    Future<Boolean> second = succeeds(two.changePassword(there, PASSWORD, "orange-tractor-41"));

    assertThat(List.of(await(first), await(second))).containsExactlyInAnyOrder(true, false);
  }

  @Test
  void changeAgainstRefreshLeavesNothingElseAlive() {
    for (int round = 0; round < 20; round++) {
      String someone = round + email;
      await(one.register(someone, PASSWORD));
      Tokens own = await(one.login(someone, PASSWORD));
      Tokens other = await(one.login(someone, PASSWORD));

      Future<Tokens> refresh = two.refresh(other.refreshToken());
      await(one.changePassword(own, PASSWORD, NEXT));
      Tokens refreshed = await(refresh.otherwise((Tokens) null));

      assertThat(one.accepts(other.accessToken())).isFalse();
      if (refreshed != null) {
        assertThat(one.accepts(refreshed.accessToken())).isFalse();
        assertThat(failure(one.refresh(refreshed.refreshToken())).code())
            .isEqualTo(ErrorCode.INVALID_REFRESH_TOKEN);
      }
    }
  }

  @Test
  void loginsWithOtherParametersRenewTheHashAndAllGetIn() {
    await(one.register(email, PASSWORD));
    assertThat(one.hashOf(email)).startsWith("$argon2id$v=19$m=8192,t=1,p=1$");
    List<Future<Tokens>> logins = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      logins.add(two.login(email, PASSWORD));
    }

    assertThat(logins).allSatisfy(login -> assertThat(await(login)).isNotNull());

    String renewed = one.hashOf(email);
    assertThat(renewed).startsWith("$argon2id$v=19$m=8192,t=2,p=1$");
    await(two.login(email, PASSWORD));
    assertThat(one.hashOf(email)).isEqualTo(renewed);
  }

  @Test
  void wrongPasswordRenewsNothing() {
    await(one.register(email, PASSWORD));
    String hash = one.hashOf(email);

    failure(two.login(email, NEXT));

    assertThat(one.hashOf(email)).isEqualTo(hash);
  }

  private static Future<Boolean> succeeds(Future<Void> change) {
    return change.map(true).otherwise(false);
  }
}
