package dev.torii.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torii.auth.Passwords.Match;
import dev.torii.bus.Deadline;
import dev.torii.credentials.PasswordForm;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class PasswordsTest {
  /** Made by the reference implementation's command line: argon2 somesalt -id -t 2 -k 65536. */
  private static final String REFERENCE =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

  private final PasswordHasher hasher = new PasswordHasher(8192, 1, 1);
  private final PasswordPolicy policy = PasswordPolicy.load();

  @Test
  void matchesOnlyThePasswordItHashed() {
    String phc = hasher.hash("correct horse battery");

    assertThat(phc)
        .matches("\\$argon2id\\$v=19\\$m=8192,t=1,p=1\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}");
    assertThat(hasher.matches("correct horse battery", phc)).isTrue();
    assertThat(hasher.matches("correct horse battery ", phc)).isFalse();
    assertThat(hasher.matches("Correct horse battery", phc)).isFalse();
    assertThat(hasher.matches("", phc)).isFalse();
    assertThat(hasher.hash("correct horse battery")).isNotEqualTo(phc);
  }

  @Test
  void matchesHashesOfTheReferenceImplementationWithOtherParameters() {
    assertThat(hasher.matches("password", REFERENCE)).isTrue();
    assertThat(hasher.matches("Password", REFERENCE)).isFalse();
  }

  @Test
  void cutsNothingOff() {
    String phc = hasher.hash("x".repeat(1_000));

    assertThat(hasher.matches("x".repeat(1_000), phc)).isTrue();
    assertThat(hasher.matches("x".repeat(999), phc)).isFalse();
    assertThat(hasher.matches("x".repeat(1_001), phc)).isFalse();
  }

  @Test
  void takesOnePasswordTypedOnTwoKeyboardsForOne() {
    String phc = hasher.hash("caf\u00e9 au lait");

    assertThat(hasher.matches("cafe\u0301 au lait", phc)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "secret",
        "$argon2i$v=19$m=8192,t=1,p=1$c29tZXNhbHQ$AAAA",
        "$argon2id$v=16$m=8192,t=1,p=1$c29tZXNhbHQ$AAAA",
        "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
      })
  void readsNoOtherHashes(String phc) {
    assertThatThrownBy(() -> hasher.matches("password", phc))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wantsTenTo128CharactersHoweverTheyAreStored() {
    assertRefused("x7!kQ2m-z");
    assertAccepted("x7!kQ2m-zR");
    assertAccepted("\ud83d\udd11".repeat(10));
    assertRefused("\ud83d\udd11".repeat(9));
    assertAccepted("x7!kQ2m-".repeat(16));
    assertRefused("x7!kQ2m-".repeat(16) + "x");
    assertAccepted("e\u0301x".repeat(64));
    assertRefused("e\u0301x".repeat(64) + "x");
    assertRefused("e\u0301".repeat(9));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"password!!", "iloveyou...", "!!!!password", "Password    ", "zzzzzzzzzzzz"})
  void refusesCommonPasswordsThatWereOnlyMadeLonger(String password) {
    assertRefused(password);
  }

  @Test
  void looksAtNoTextThatIsTooLongForAnyPassword() {
    assertThat(PasswordForm.isTooLong("\ud834\udd5f".repeat(128))).isFalse();
    assertThat(PasswordForm.isTooLong("\u1f82".repeat(128))).isFalse();
    assertThat(PasswordForm.isTooLong("x".repeat(60_000))).isTrue();
    assertRefused("x".repeat(60_000));
  }

  @Test
  void knowsWhichHashesAreOutdated() {
    assertThat(hasher.isOutdated(hasher.hash("correct horse battery"))).isFalse();
    assertThat(hasher.isOutdated(REFERENCE)).isTrue();
    assertThat(new PasswordHasher(8192, 2, 1).isOutdated(hasher.hash("x"))).isTrue();
    assertThat(new PasswordHasher(8193, 1, 1).isOutdated(hasher.hash("x"))).isTrue();
  }

  @Test
  void newHashComesOnlyWithTheRightPasswordOfAnOutdatedOne(Vertx vertx, VertxTestContext test) {
    String old = hasher.hash("correct horse battery");
    var pool = new BoundedPool(vertx, "test-checking", 1, 9);
    var newer = new PasswordHasher(8192, 2, 1);
    var passwords = new Passwords(newer, pool);
    Future.all(
            passwords.check(
                "ip:192.0.2.1",
                "correct horse battery",
                old,
                true,
                Deadline.in(Duration.ofSeconds(10))),
            passwords.check(
                "ip:192.0.2.1",
                "correct horse battery",
                old,
                false,
                Deadline.in(Duration.ofSeconds(10))),
            passwords.check(
                "ip:192.0.2.1", "wrong", old, true, Deadline.in(Duration.ofSeconds(10))),
            passwords.check("ip:192.0.2.1", "", null, true, Deadline.in(Duration.ofSeconds(10))))
        .eventually(pool::close)
        .onComplete(
            test.succeeding(
                done ->
                    test.verify(
                        () -> {
                          Match renewed = done.resultAt(0);
                          assertThat(renewed.matches()).isTrue();
                          assertThat(newer.isOutdated(renewed.newHash())).isFalse();
                          assertThat(newer.matches("correct horse battery", renewed.newHash()))
                              .isTrue();
                          assertThat(done.<Match>resultAt(1)).isEqualTo(new Match(true, null));
                          assertThat(done.<Match>resultAt(2)).isEqualTo(new Match(false, null));
                          assertThat(done.<Match>resultAt(3)).isEqualTo(new Match(false, null));
                          test.completeNow();
                        })));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1234567890", "password123", "PASSWORD123", "Qwertyuiop", "iloveyou123"})
  void refusesCommonPasswordsInAnyCase(String password) {
    assertRefused(password);
  }

  @Test
  void refusesWorkBeyondItsQueueAtOnce(Vertx vertx, VertxTestContext test) {
    var registry = new SimpleMeterRegistry();
    var pool = new BoundedPool(vertx, "test-hashing", 1, 2).observedBy(registry, "test");
    var release = new CountDownLatch(1);
    Future<Integer> running = pool.run(() -> await(release));
    Future<Integer> waiting = pool.run(() -> await(release));
    Future<Integer> alsoWaiting = pool.run(() -> await(release));

    Future<Integer> refused = pool.run(() -> await(release));

    Failure failure = (Failure) refused.cause();
    test.verify(
        () -> {
          assertThat(failure.code()).isEqualTo(ErrorCode.BUSY);
          assertThat(failure.retryAfter()).contains(Duration.ofSeconds(1));
          assertThat(registry.get("torii.pool.jobs").gauge().value()).isEqualTo(3);
        });
    release.countDown();
    Future.all(running, waiting, alsoWaiting)
        .compose(done -> pool.run(() -> 2))
        .compose(two -> pool.close())
        .onComplete(test.succeedingThenComplete());
  }

  @Test
  void givesOneClientHalfOfTheRoomAtMost(Vertx vertx, VertxTestContext test) {
    var pool = new BoundedPool(vertx, "test-shares", 1, 3);
    var release = new CountDownLatch(1);
    Future<Integer> first =
        pool.run("ann", Deadline.in(Duration.ofSeconds(10)), () -> await(release));
    Future<Integer> second =
        pool.run("ann", Deadline.in(Duration.ofSeconds(10)), () -> await(release));

    Future<Integer> tooMuch =
        pool.run("ann", Deadline.in(Duration.ofSeconds(10)), () -> await(release));
    Future<Integer> another =
        pool.run("bob", Deadline.in(Duration.ofSeconds(10)), () -> await(release));

    test.verify(() -> assertThat(((Failure) tooMuch.cause()).code()).isEqualTo(ErrorCode.BUSY));
    release.countDown();
    Future.all(first, second, another)
        .compose(done -> pool.run("ann", Deadline.in(Duration.ofSeconds(10)), () -> 2))
        .compose(two -> pool.close())
        .onComplete(test.succeedingThenComplete());
  }

  @Test
  void workThatNobodyWaitsForAnyMoreIsNotBegun(Vertx vertx, VertxTestContext test) {
    var pool = new BoundedPool(vertx, "test-useless", 1, 2);
    var release = new CountDownLatch(1);
    var done = new AtomicInteger();
    pool.run(() -> await(release));
    Future<Integer> late = pool.run(Deadline.in(Duration.ofMillis(100)), done::incrementAndGet);
    Future<Integer> over = pool.run(Deadline.in(Duration.ZERO), done::incrementAndGet);
    vertx.setTimer(150, timer -> release.countDown());

    Future.join(late, over)
        .transform(
            both -> {
              assertThat(((Failure) late.cause()).code()).isEqualTo(ErrorCode.BUSY);
              assertThat(((Failure) over.cause()).code()).isEqualTo(ErrorCode.BUSY);
              return pool.run(done::incrementAndGet);
            })
        .eventually(pool::close)
        .onComplete(
            test.succeeding(
                times ->
                    test.verify(
                        () -> {
                          assertThat(times).isEqualTo(1);
                          test.completeNow();
                        })));
  }

  @Test
  void workWhoseTurnComesTooLateIsNotDone(Vertx vertx, VertxTestContext test) {
    var pool = new BoundedPool(vertx, "test-late", 1, 2);
    var release = new CountDownLatch(1);
    var done = new AtomicInteger();
    pool.run(() -> await(release));
    Future<Integer> late = pool.run(done::incrementAndGet);
    vertx.setTimer(1_100, timer -> release.countDown());

    late.transform(
            result -> {
              assertThat(((Failure) result.cause()).code()).isEqualTo(ErrorCode.BUSY);
              return pool.run(done::incrementAndGet);
            })
        .eventually(pool::close)
        .onComplete(
            test.succeeding(
                times ->
                    test.verify(
                        () -> {
                          assertThat(times).isEqualTo(1);
                          test.completeNow();
                        })));
  }

  private static int await(CountDownLatch release) throws InterruptedException {
    release.await();
    return 1;
  }

  private void assertAccepted(String password) {
    assertThatCode(() -> policy.require(password, "/password")).doesNotThrowAnyException();
  }

  private void assertRefused(String password) {
    Failure failure =
        catchThrowableOfType(Failure.class, () -> policy.require(password, "/password"));
    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID);
    assertThat(failure.errors()).extracting(FieldError::pointer).containsExactly("/password");
  }
}
