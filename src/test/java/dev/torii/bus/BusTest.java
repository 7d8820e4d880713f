package dev.torii.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BusTest {
  private static final Address<Word, Word> ECHO =
      new Address<>("test.echo", Word.class, Word.class);
  private static final Address<Patient, Word> PATIENT =
      new Address<>("test.patient", Patient.class, Word.class);
  private static final Topic<Word> SAID = new Topic<>("test.said", Word.class);
  private static final Duration TIMEOUT = Duration.ofMillis(300);

  private Vertx vertx;
  private Bus bus;

  @BeforeEach
  void install() {
    vertx = Vertx.vertx();
    bus = Bus.install(vertx, TIMEOUT);
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void questionGetsItsTypedAnswer() throws Exception {
    answer(word -> Future.succeededFuture(new Word(word.text() + "!")));
    assertThat(ask("hello").text()).isEqualTo("hello!");
  }

  @Test
  void recordsArePassedByReference() throws Exception {
    Word sent = new Word("the same");
    answer(Future::succeededFuture);
    assertThat(await(bus.ask(ECHO, sent))).isSameAs(sent);
  }

  @Test
  void failureArrivesAsItWasMade() {
    Failure failure = Failure.retryAfter(ErrorCode.BUSY, "later", Duration.ofSeconds(7));
    answer(word -> Future.failedFuture(failure));
    assertThat(catchThrowable(() -> ask("x"))).isSameAs(failure);
  }

  @Test
  void handlerThatThrowsFailsItsCallerAtOnce() {
    answer(
        word -> {
          throw new IllegalStateException("a mistake");
        });
    Failure failure = catchThrowableOfType(Failure.class, () -> ask("x"));
    // silence would be TIMEOUT
    assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(failure).hasRootCauseMessage("a mistake");
  }

  @Test
  void handlerThatStaysSilentIsATimeout() {
    answer(word -> Promise.<Word>promise().future());
    Failure failure = catchThrowableOfType(Failure.class, () -> ask("x"));
    assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
  }

  @Test
  void timedQuestionIsWaitedForLongerThanOthers() throws Exception {
    answerLate(TIMEOUT.multipliedBy(2));
    Deadline deadline = Deadline.in(TIMEOUT.multipliedBy(10));
    assertThat(await(bus.ask(PATIENT, new Patient(deadline))).text()).isEqualTo("late");
  }

  @Test
  void timedQuestionIsATimeoutWhenItsOwnDeadlinePasses() {
    answerLate(TIMEOUT.multipliedBy(10));
    for (Duration time : new Duration[] {TIMEOUT.multipliedBy(2), Duration.ZERO}) {
      long started = System.nanoTime();
      Failure failure =
          catchThrowableOfType(
              Failure.class, () -> await(bus.ask(PATIENT, new Patient(Deadline.in(time)))));
      assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
      assertThat(Duration.ofNanos(System.nanoTime() - started))
          .isBetween(time.minusMillis(1), TIMEOUT.multipliedBy(9));
    }
  }

  @Test
  void addressWithoutOwnerIsUnavailable() {
    Failure failure = catchThrowableOfType(Failure.class, () -> ask("x"));
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void secondKindOfOwnerIsRefused() {
    answer(Future::succeededFuture);
    assertThatThrownBy(() -> bus.answer(Bus.class, ECHO, Future::succeededFuture))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("test.echo")
        .hasMessageContaining(BusTest.class.getName());
  }

  @Test
  void instancesOfOneOwnerShareAnAddress() throws Exception {
    answer(word -> Future.succeededFuture(new Word("first")));
    answer(word -> Future.succeededFuture(new Word("second")));
    assertThat(new String[] {ask("x").text(), ask("x").text()})
        .containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void announcementIsHeardByEveryListener() throws Exception {
    Promise<Word> one = Promise.promise();
    Promise<Word> other = Promise.promise();
    bus.listen(SAID, one::tryComplete);
    bus.listen(SAID, other::tryComplete);
    Word said = new Word("news");
    bus.announce(SAID, said);
    assertThat(await(one.future())).isSameAs(said);
    assertThat(await(other.future())).isSameAs(said);
  }

  private void answer(Function<Word, Future<Word>> handler) {
    bus.answer(BusTest.class, ECHO, handler);
  }

  private void answerLate(Duration delay) {
    bus.answer(
        BusTest.class,
        PATIENT,
        question -> vertx.timer(delay.toMillis(), TimeUnit.MILLISECONDS).map(new Word("late")));
  }

  private Word ask(String text) throws Exception {
    return await(bus.ask(ECHO, new Word(text)));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(5, TimeUnit.SECONDS);
  }

  record Patient(Deadline deadline) implements Timed {}

  record Word(String text) implements BusMessage {}
}
