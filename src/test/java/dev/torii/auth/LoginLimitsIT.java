package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.auth.AuthApi.Tokens;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Failed logins over two processes that share one Redis and one PostgreSQL. */
class LoginLimitsIT {
  private static final String PASSWORD = "violet-tractor-41";
  private static final String WRONG = "violet-tractor-42";
  private static final String STRANGER = "198.51.100.1";

  /** Failures of a pair, and of an account, that cause no wait. */
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
  void parallelGuessesGetNoMoreThanOneAfterTheOther() {
    await(one.register(email, PASSWORD));
    List<Future<Tokens>> guesses = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      guesses.add((i % 2 == 0 ? one : two).login(email, WRONG, home));
    }

    List<ErrorCode> answers = guesses.stream().map(guess -> failure(guess).code()).toList();

    assertThat(answers).filteredOn(ErrorCode.INVALID_CREDENTIALS::equals).hasSize(FREE);
    assertThat(answers).filteredOn(ErrorCode.RATE_LIMITED::equals).hasSize(100 - FREE);
  }

  @Test
  void waitGrowsAndIsAsLongAsTheAnswerSays() throws DatabaseUnusableException {
    Map<String, String> quick = Map.of("auth.loginFirstWaitMs", "300");
    try (AuthProcess own = AuthProcess.start(redis.uri(), migrated(), quick)) {
      for (int i = 0; i < FREE; i++) {
        assertWrong(own);
      }
      for (long millis = 300; millis <= 1_200; millis *= 2) {
        Duration wait = failure(own.login(email, WRONG, home)).retryAfter().orElseThrow();
        assertThat(wait).isBetween(Duration.ofMillis(1), Duration.ofMillis(millis));
        own.pass(wait);
        assertWrong(own);
      }
    }
  }

  @Test
  void rightPasswordsAtOneMomentAllGetIn() {
    await(one.register(email, PASSWORD));
    List<Future<Tokens>> logins = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      logins.add((i % 2 == 0 ? one : two).login(email, PASSWORD, home));
    }

    assertThat(logins).allSatisfy(login -> assertThat(await(login)).isNotNull());
    assertThat(askRedis("KEYS", "rate:log:*" + home + "*")).isEqualTo("[]");
  }

  @Test
  void refusedAndUnknownAccountsAreAnsweredAlike() {
    await(one.register(email, PASSWORD));
    failures(email, home, FREE);
    String unknown = "nobody-" + email;
    failures(unknown, home, FREE);

    Failure known = failure(one.login(email, PASSWORD, home));
    Failure nobody = failure(one.login(unknown, PASSWORD, home));

    assertThat(known.code()).isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(nobody.getMessage()).isEqualTo(known.getMessage());
    assertThat(nobody.rateLimit()).isEqualTo(known.rateLimit());
  }

  @Test
  void successClearsNothingNeitherDoesARefresh() {
    await(one.register(email, PASSWORD));
    Tokens tokens = await(one.login(email, PASSWORD, home));
    failures(email, home, FREE - 1);
    await(one.login(email, PASSWORD, home));
    failures(email, home, 1);
    await(one.refresh(tokens.refreshToken()));

    assertThat(failure(one.login(email, PASSWORD, home)).code()).isEqualTo(ErrorCode.RATE_LIMITED);
  }

  @Test
  void strangersDoNotLockOutTheOwnerWhereTheAccountWasUsedLately() {
    await(one.register(email, PASSWORD));
    Tokens tokens = await(one.login(email, PASSWORD, home));
    Tokens left = await(one.login(email, PASSWORD, "2001:db8:1:2::3"));
    await(one.logout(left));
    for (int i = 0; i < FREE_OF_ACCOUNT; i++) {
      failures(email, "198.51.100." + (100 + i), 1);
    }

    assertThat(failure(two.login(email, PASSWORD, "198.51.100.99")).code())
        .isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(await(two.login(email, PASSWORD, home))).isNotNull();
    assertThat(await(two.login(email, PASSWORD, "2001:db8:1:2::4"))).isNotNull();
    assertThat(failure(two.login(email, PASSWORD, "2001:db8:1:3::3")).code())
        .isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(await(two.refresh(tokens.refreshToken()))).isNotNull();
  }

  @Test
  void addressThatWasTakenFromTheAccountIsNoKnownOne() {
    await(one.register(email, PASSWORD));
    Tokens owner = await(one.login(email, PASSWORD, home));
    await(one.login(email, PASSWORD, STRANGER));
    await(one.changePassword(owner, PASSWORD, "purple-tractor-41"));
    for (int i = 0; i < FREE_OF_ACCOUNT; i++) {
      failures(email, "198.51.100." + (130 + i), 1);
    }

    assertThat(failure(two.login(email, WRONG, STRANGER)).code()).isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(await(two.login(email, "purple-tractor-41", home))).isNotNull();
  }

  @Test
  void oneAddressMayNotTryPasswordsOfManyAccounts() {
    for (int i = 0; i < 50; i++) {
      failures(i + email, home, 1);
    }

    assertThat(failure(two.login(email, WRONG, home)).code()).isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(failure(two.login(email, WRONG, STRANGER)).code())
        .isEqualTo(ErrorCode.INVALID_CREDENTIALS);
  }

  @Test
  void failedLoginsOfAnAddressAreKeptForOtherServices() {
    failures(email, home, 2);
    await(one.register(email, PASSWORD));
    await(one.login(email, PASSWORD, home));
    failures(email, "2001:db8:7:7::1", 1);

    String hour =
        DateTimeFormatter.ofPattern("yyyyMMddHH").withZone(ZoneOffset.UTC).format(Instant.now());
    assertThat(askRedis("GET", "rate:" + home + ":login:" + hour)).isEqualTo("2");
    assertThat(Long.parseLong(askRedis("TTL", "rate:" + home + ":login:" + hour)))
        .isBetween(3500L, 3600L);
    assertThat(askRedis("GET", "rate:2001:db8:7:7::/64:login:" + hour)).isEqualTo("1");
  }

  @Test
  void withoutRedisEachProcessGoesOnFromWhatItHasSeen() throws DatabaseUnusableException {
    try (RedisProcess own = TestServices.freshRedis();
        AuthProcess lonely = AuthProcess.start(own.uri(), migrated(), PATIENT)) {
      await(lonely.register(email, PASSWORD));
      for (int i = 0; i < 3; i++) {
        assertWrong(lonely);
      }
      own.stop();
      for (int i = 3; i < FREE; i++) {
        assertWrong(lonely);
      }

      assertThat(failure(lonely.login(email, PASSWORD, home)).code())
          .isEqualTo(ErrorCode.RATE_LIMITED);
      assertThat(await(lonely.login(email, PASSWORD, STRANGER))).isNotNull();
    }
  }

  @Test
  void failuresAndLocksAreInTheAuditLogAndCounted() {
    UUID userId = await(one.register(email, PASSWORD)).userId();
    double failed = one.counted("torii.auth.logins", "outcome", "failed");
    double locked = one.counted("torii.auth.logins", "outcome", "locked");
    for (int i = 0; i < FREE; i++) {
      assertWrong(one);
    }
    failure(one.login(email, PASSWORD, home));

    assertThat(one.counted("torii.auth.logins", "outcome", "failed")).isEqualTo(failed + FREE);
    assertThat(one.counted("torii.auth.logins", "outcome", "locked")).isEqualTo(locked + 1);
    assertThat(one.audit("login.failed", userId)).hasSize(FREE);
    assertThat(one.audit("login.locked", userId))
        .containsExactly("{\"count\": \"pair\", \"wait_seconds\": 60}");
    assertThat(one.audit("account.registered", userId)).hasSize(1);
  }

  private void assertWrong(AuthProcess process) {
    assertThat(failure(process.login(email, WRONG, home)).code())
        .isEqualTo(ErrorCode.INVALID_CREDENTIALS);
  }

  /** Fails so often, without ever being refused. */
  private static void failures(String email, String ip, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(failure((i % 2 == 0 ? one : two).login(email, WRONG, ip)).code())
          .isEqualTo(ErrorCode.INVALID_CREDENTIALS);
    }
  }

  private static String migrated() throws DatabaseUnusableException {
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    return pg;
  }

  private static String askRedis(String... words) {
    try {
      return String.valueOf(redis.probe().ask(words));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
