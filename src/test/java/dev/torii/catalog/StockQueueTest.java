package dev.torii.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.catalog.CatalogApi.ChangeStock;
import dev.torii.catalog.StockOutcome.Kind;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StockQueueTest {
  private static final int MOST = 300;

  private final ByHand statements = new ByHand();
  private final StockQueue queue = new StockQueue(statements, MOST, Duration.ofMinutes(1));

  @Test
  void aloneGoesAtOnceAndOthersGoTogetherWhenItIsBack() {
    Future<StockOutcome> first = queue.change(delta(7, -1));
    List<Future<StockOutcome>> others =
        IntStream.range(0, 5).mapToObj(i -> queue.change(delta(7, -2 - i))).toList();
    assertThat(statements.asked).containsExactly(List.of(delta(7, -1)));
    assertThat(first.isComplete()).isFalse();

    statements.answer(0);
    assertThat(first.result().version()).isEqualTo(1);
    assertThat(statements.asked.get(1)).hasSize(5).startsWith(delta(7, -2)).endsWith(delta(7, -6));
    statements.answer(1);
    assertThat(others)
        .extracting(one -> one.result().version())
        .containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void productsDoNotWaitForEachOther() {
    queue.change(delta(7, -1));
    queue.change(delta(8, -1));
    assertThat(statements.asked).hasSize(2);
  }

  @Test
  void nobodyIsToldBeforeTheOutcomeIsSettledAndTheNextTurnDoesNotWaitForThat() {
    statements.settled = Promise.promise();
    Future<StockOutcome> first = queue.change(delta(7, -1));
    queue.change(delta(7, -2));
    statements.answer(0);
    assertThat(first.isComplete()).isFalse();
    assertThat(statements.asked).hasSize(2);
    statements.settled.complete();
    assertThat(first.succeeded()).isTrue();
  }

  @Test
  void secondOfAKeyWaitsForTheFirst() {
    queue.change(delta(7, -1));
    queue.change(keyed("a"));
    queue.change(keyed("a"));
    queue.change(keyed("b"));
    queue.change(keyed("a"));
    statements.answer(0);
    statements.answer(1);
    statements.answer(2);
    statements.answer(3);
    assertThat(statements.asked.subList(1, 4))
        .containsExactly(List.of(keyed("a"), keyed("b")), List.of(keyed("a")), List.of(keyed("a")));
  }

  @Test
  void failureIsToldToAllOfItsTurnAndToNoOther() {
    Future<StockOutcome> first = queue.change(delta(7, -1));
    Future<StockOutcome> second = queue.change(delta(7, -2));
    Failure away = Failure.of(ErrorCode.UNAVAILABLE, "away");
    statements.answers.get(0).fail(away);
    assertThat(first.cause()).isSameAs(away);
    statements.answer(1);
    assertThat(second.succeeded()).isTrue();
  }

  @Test
  void turnThatThrowsIsAFailureToo() {
    var throwing =
        new StockQueue(
            new ByHand() {
              @Override
              public Future<List<StockOutcome>> run(long productId, List<ChangeStock> all) {
                throw new IllegalStateException("of the test");
              }
            },
            MOST,
            Duration.ofMinutes(1));
    assertThat(throwing.change(delta(7, -1)).cause()).hasMessage("of the test");
    assertThat(throwing.change(delta(7, -1)).cause()).hasMessage("of the test");
  }

  @Test
  void oneStatementTakesABatchAtMostAndMoreThanTheMostAreRefused() {
    queue.change(delta(7, -1));
    IntStream.range(0, MOST).forEach(i -> queue.change(delta(7, -2)));
    assertThat(code(queue.change(delta(7, -3)))).isEqualTo(ErrorCode.BUSY);
    statements.answer(0);
    assertThat(statements.asked.get(1)).hasSize(StockQueue.BATCH);
  }

  @Test
  void whoseTurnDoesNotComeInTimeIsRefusedAndNotChanged() {
    var impatient = new StockQueue(statements, MOST, Duration.ofNanos(-1));
    assertThat(code(impatient.change(delta(7, -1)))).isEqualTo(ErrorCode.BUSY);
    assertThat(statements.asked).isEmpty();
  }

  private static ErrorCode code(Future<?> failed) {
    return ((Failure) failed.cause()).code();
  }

  private static ChangeStock delta(long productId, long delta) {
    return new ChangeStock(productId, delta, null, "ann", null);
  }

  private static ChangeStock keyed(String key) {
    return new ChangeStock(7, -1L, null, "ann", key);
  }

  /** A database that answers when the test says so. */
  private static class ByHand implements StockQueue.Statement {
    final List<List<ChangeStock>> asked = new ArrayList<>();
    final List<Promise<List<StockOutcome>>> answers = new ArrayList<>();
    Promise<Void> settled;

    @Override
    public Future<List<StockOutcome>> run(long productId, List<ChangeStock> all) {
      asked.add(all);
      Promise<List<StockOutcome>> answer = Promise.promise();
      answers.add(answer);
      return answer.future();
    }

    @Override
    public Future<Void> settle(long productId, AsyncResult<List<StockOutcome>> outcomes) {
      return settled == null ? Future.succeededFuture() : settled.future();
    }

    /** Each of a turn has the number of its place as version. */
    void answer(int turn) {
      answers
          .get(turn)
          .complete(
              IntStream.rangeClosed(1, asked.get(turn).size())
                  .mapToObj(place -> new StockOutcome(Kind.CHANGED, 1, place))
                  .toList());
    }
  }
}
