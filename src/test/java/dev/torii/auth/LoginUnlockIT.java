package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.audit.Actor;
import dev.torii.auth.AuthApi.LoginFailures;
import dev.torii.auth.AuthApi.LoginFailuresOf;
import dev.torii.auth.AuthApi.UnlockLogin;
import dev.torii.failure.ErrorCode;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Operators unlock accounts and addresses, over two processes. */
class LoginUnlockIT {
  private static final String PASSWORD = "violet-tractor-41";
  private static final String WRONG = "violet-tractor-42";
  private static final int FREE = 5;
  private static final int FREE_OF_ACCOUNT = 25;

  /** A wait that does not end while a test runs. */
  private static final Map<String, String> PATIENT = Map.of("auth.loginFirstWaitMs", "60000");

  private static final AtomicInteger ADDRESSES = new AtomicInteger();

  private static RedisProcess redis;
  private static AuthProcess one;
  private static AuthProcess two;

  /** A client address that no other test uses. */
  private final String home = "203.0.113." + ADDRESSES.incrementAndGet();

  private final String email = UUID.randomUUID() + "@example.org";

  @BeforeAll
  static void start() throws DatabaseUnusableException {
    redis = TestServices.freshRedis();
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    one = AuthProcess.start(redis.uri(), pg, PATIENT);
    two = AuthProcess.start(redis.uri(), pg, PATIENT);
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
    redis.close();
  }

  @Test
  void unlockingAnAccountLetsItInEverywhere() {
    UUID userId = await(one.register(email, PASSWORD)).userId();
    failures(email, home, FREE);
    for (int i = 0; i < FREE_OF_ACCOUNT - FREE; i++) {
      failures(email, "198.51.100." + (160 + i), 1);
    }
    LoginFailures state = state(userId.toString());
    assertThat(state.used()).isEqualTo(FREE_OF_ACCOUNT);
    assertThat(state.retryAfterSeconds()).isBetween(1L, 60L);
    assertThat(state.parts())
        .hasSize(FREE_OF_ACCOUNT - FREE + 1)
        .anySatisfy(part -> assertThat(part.from()).isEqualTo("ip:" + home));

    unlock(userId.toString());

    assertThat(used(userId)).isZero();
    assertThat(state(userId.toString()).parts()).isEmpty();
    assertThat(await(two.login(email, PASSWORD, home))).isNotNull();
    assertThat(one.audit("login.unlocked", userId)).hasSize(1);
  }

  @Test
  void unlockingAnAddressLetsAllItsAccountsIn() {
    await(one.register(email, PASSWORD));
    failures(email, home, FREE);
    assertThat(state("ip:" + home).used()).isEqualTo(FREE);

    unlock("ip:" + home);

    assertThat(state("ip:" + home).used()).isZero();
    assertThat(await(two.login(email, PASSWORD, home))).isNotNull();
    assertThat(askRedis("KEYS", "rate:" + home + ":login:*")).isEqualTo("[]");
  }

  @Test
  void nobodyIsUnlockedWhoIsNotThere() {
    var unknown = new UnlockLogin(UUID.randomUUID().toString(), Actor.OPERATOR);
    assertThat(failure(one.bus().ask(AuthApi.UNLOCK_LOGIN, unknown)).code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    var nonsense = new UnlockLogin("nobody", Actor.OPERATOR);
    assertThat(failure(one.bus().ask(AuthApi.UNLOCK_LOGIN, nonsense)).code())
        .isEqualTo(ErrorCode.INVALID);
  }

  @Test
  void unlockIsHeardByWhatAnotherProcessCountedAlone() throws DatabaseUnusableException {
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    try (RedisProcess own = TestServices.freshRedis();
        AuthProcess here = AuthProcess.start(own.uri(), pg, PATIENT);
        AuthProcess there = AuthProcess.start(own.uri(), pg, PATIENT)) {
      UUID userId = await(here.register(email, PASSWORD)).userId();
      for (int i = 0; i < FREE; i++) {
        assertThat(failure(there.login(email, WRONG, home)).code())
            .isEqualTo(ErrorCode.INVALID_CREDENTIALS);
      }
      await(
          here.bus().ask(AuthApi.UNLOCK_LOGIN, new UnlockLogin(userId.toString(), Actor.OPERATOR)));
      await(there.login(email, PASSWORD, home));
      own.stop();

      assertThat(await(there.login(email, PASSWORD, home))).isNotNull();
    }
  }

  private static void failures(String email, String ip, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(failure((i % 2 == 0 ? one : two).login(email, WRONG, ip)).code())
          .isEqualTo(ErrorCode.INVALID_CREDENTIALS);
    }
  }

  private static LoginFailures state(String subject) {
    return await(two.bus().ask(AuthApi.LOGIN_FAILURES, new LoginFailuresOf(subject)));
  }

  private static int used(UUID userId) {
    return state(userId.toString()).used();
  }

  private static void unlock(String subject) {
    await(one.bus().ask(AuthApi.UNLOCK_LOGIN, new UnlockLogin(subject, Actor.OPERATOR)));
  }

  private static String askRedis(String... words) {
    try {
      return String.valueOf(redis.probe().ask(words));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
