package dev.torii.auth;

import static dev.torii.auth.AuthProcess.await;
import static dev.torii.auth.AuthProcess.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.auth.AuthApi.Tokens;
import dev.torii.bus.Deadline;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls that hash a password and come late: nothing of theirs is stored. */
class LateLoginIT {
  private static final String PASSWORD = "violet-tractor-41";
  private static final String NEXT = "green-tractor-41";

  private static final int SLOW_MEMORY_KIB = 65_536;

  private static RedisProcess redis;
  private static AuthRows rows;
  private static AuthProcess quick;

  /** Takes seconds for a hash, and much longer for what comes after it if that must be. */
  private static AuthProcess slow;

  /** Takes longer for a hash than its clients wait. */
  private static AuthProcess slower;

  private final String email = UUID.randomUUID() + "@example.org";

  @BeforeAll
  static void start() throws DatabaseUnusableException {
    redis = TestServices.freshRedis();
    String pg = TestServices.freshDatabase();
    Migrations.apply(pg);
    rows = new AuthRows(pg);
    quick = AuthProcess.start(redis.uri(), pg, Map.of());
    slow = slow(pg, Duration.ofMillis(1_500), Duration.ofSeconds(5));
    slower = slow(pg, Duration.ofSeconds(3), Duration.ofMillis(300));
  }

  @AfterAll
  static void stop() {
    quick.close();
    slow.close();
    slower.close();
    redis.close();
  }

  @Test
  void loginWithTooLittleTimeLeftIsNotEvenHashed() {
    await(quick.register(email, PASSWORD));
    long started = System.nanoTime();

    Failure refused = failure(slow.login(email, PASSWORD, beforeStoring(slow, 400)));

    assertThat(refused.code()).isEqualTo(ErrorCode.BUSY);
    assertThat(refused.retryAfter()).contains(Duration.ofSeconds(1));
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));
    assertNothingIsCounted();
    assertThat(sessions()).isZero();
  }

  @Test
  void loginWhoseHashTookTooLongOpensNoSession() {
    await(quick.register(email, PASSWORD));

    Failure refused = failure(slow.login(email, PASSWORD, beforeStoring(slow, 900)));

    assertThat(refused.code()).isEqualTo(ErrorCode.BUSY);
    assertNothingIsCounted();
    assertThat(sessions()).isZero();
    assertThat(await(quick.login(email, PASSWORD))).isNotNull();
  }

  @Test
  void loginWhoseClientWasAnsweredMeanwhileOpensNoSession() {
    await(quick.register(email, PASSWORD));

    Failure late = failure(slower.login(email, PASSWORD, beforeStoring(slower, 900)));

    assertThat(late.code()).isEqualTo(ErrorCode.TIMEOUT);
    assertThat(isCounted()).as("the service is still at it").isTrue();
    assertNothingIsCounted();
    assertThat(sessions()).isZero();
  }

  @Test
  void opensNoAccountOfWhichNobodyIsTold() {
    Failure refused = failure(slow.register(email, PASSWORD, beforeStoring(slow, 900)));

    assertThat(refused.code()).isEqualTo(ErrorCode.BUSY);
    assertThat(await(quick.register(email, PASSWORD))).isNotNull();
  }

  @Test
  void changesNoPasswordOfWhichNobodyIsTold() {
    await(quick.register(email, PASSWORD));
    Tokens tokens = await(quick.login(email, PASSWORD));

    Failure refused =
        failure(slow.changePassword(tokens, PASSWORD, NEXT, beforeStoring(slow, 900)));

    assertThat(refused.code()).isEqualTo(ErrorCode.BUSY);
    assertNothingIsCounted();
    assertThat(await(quick.login(email, PASSWORD))).isNotNull();
  }

  private int sessions() {
    return Integer.parseInt(
        rows.text(
            "SELECT count(*) FROM session s JOIN account a ON a.id = s.user_id WHERE a.email = ?",
            email));
  }

  /** The slots that an attempt takes are given back when it is over. */
  private static void assertNothingIsCounted() {
    Awaitility.await().until(() -> !isCounted());
  }

  private static boolean isCounted() {
    return !askRedis("KEYS", "rate:log:*").equals("[]");
  }

  /** The deadline of a call that has that much time besides what storing may take. */
  private static Deadline beforeStoring(AuthProcess process, int millis) {
    return Deadline.in(process.budget().storing().plusMillis(millis));
  }

  /** A process where a hash takes that long, or longer when the machine is busy. */
  private static AuthProcess slow(String pg, Duration hash, Duration statement) {
    return AuthProcess.start(
        redis.uri(),
        pg,
        Map.of(
            "auth.argon2MemoryKib",
            Integer.toString(SLOW_MEMORY_KIB),
            "auth.argon2Iterations",
            Integer.toString(passesOf(hash)),
            "pg.statementTimeoutMs",
            Long.toString(statement.toMillis())));
  }

  /**
   * By the processor's time of the fastest of some hashes: neither a busy machine nor code that is
   * not compiled yet may make one pass look longer than it will be.
   */
  private static int passesOf(Duration time) {
    var one = new PasswordHasher(SLOW_MEMORY_KIB, 1, 1);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      long started = threads.getCurrentThreadCpuTime();
      one.hash(PASSWORD);
      fastest = Math.min(fastest, threads.getCurrentThreadCpuTime() - started);
    }
    return (int) Math.min(100, 1 + time.toNanos() / fastest);
  }

  private static String askRedis(String... words) {
    try {
      return String.valueOf(redis.probe().ask(words));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
