package dev.torii.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who works, who waits, and who is sent away. */
class TurnsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Vertx vertx = Vertx.vertx();
  private final List<Promise<String>> begun = new ArrayList<>();

  @AfterEach
  void stop() {
    vertx.close();
  }

  @Test
  void noMoreWorkAtOnceThanMayAndTheOthersInTheirOrder() {
    var turns = new Turns(vertx, 2, 3, LONG);
    List<Future<String>> asked = ask(turns, 4);
    assertThat(begun).hasSize(2);
    begun.get(1).complete("second");
    assertThat(begun).hasSize(3);
    assertThat(asked.get(1).result()).isEqualTo("second");
    begun.get(2).fail("no luck");
    assertThat(asked.get(2).failed()).isTrue();
    begun.get(3).complete("fourth");
    assertThat(asked.get(3).result()).isEqualTo("fourth");
    begun.get(0).complete("first");
    assertThat(asked.get(0).result()).isEqualTo("first");
  }

  @Test
  void whoFindsTooManyWaitingIsSentAway() {
    var turns = new Turns(vertx, 2, 3, LONG);
    List<Future<String>> asked = ask(turns, 6);
    assertBusy(asked.get(5));
    begun.get(0).complete("done");
    assertThat(ask(turns, 1).get(0).isComplete()).isFalse();
    assertThat(begun).hasSize(3);
  }

  @Test
  void whoWaitsTooLongIsSentAwayAndNeverBegins() {
    var turns = new Turns(vertx, 1, 3, Duration.ofMillis(50));
    List<Future<String>> asked = ask(turns, 2);
    Awaitility.await().until(() -> asked.get(1).isComplete());
    assertBusy(asked.get(1));
    begun.get(0).complete("done");
    assertThat(begun).hasSize(1);
    assertThat(ask(turns, 1).get(0).isComplete()).isFalse();
    assertThat(begun).hasSize(2);
  }

  @Test
  void workThatThrowsGivesItsTurnBack() {
    var turns = new Turns(vertx, 1, 0, LONG);
    Future<String> thrown =
        turns.take(
            () -> {
              throw new IllegalStateException("no");
            });
    assertThat(thrown.failed()).isTrue();
    ask(turns, 1);
    assertThat(begun).hasSize(1);
  }

  private List<Future<String>> ask(Turns turns, int times) {
    List<Future<String>> asked = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      asked.add(turns.take(this::begin));
    }
    return asked;
  }

  private Future<String> begin() {
    Promise<String> work = Promise.promise();
    begun.add(work);
    return work.future();
  }

  private static void assertBusy(Future<String> answer) {
    Failure failure = Failure.from(answer.cause());
    assertThat(failure.code()).isEqualTo(ErrorCode.BUSY);
    assertThat(failure.retryAfter()).contains(Duration.ofSeconds(1));
  }
}
