package dev.torii.catalog;

import dev.torii.catalog.CatalogApi.ChangeStock;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Changes of stock on their way to the database: one statement at a time for each product, which
 * takes along what has come for it meanwhile. So many at once for one product wait for few commits,
 * and for no more than one connection; a single change waits for nothing. Used on one context.
 */
final class StockQueue {
  /** Changes of one statement. */
  static final int BATCH = 128;

  private final Statement statement;
  private final int mostWaiting;
  private final long patienceNanos;
  private final Map<Long, Line> lines = new HashMap<>();

  /**
   * @param mostWaiting for one product, above which more are refused
   * @param patience how long a change may wait for its turn
   */
  StockQueue(Statement statement, int mostWaiting, Duration patience) {
    this.statement = statement;
    this.mostWaiting = mostWaiting;
    this.patienceNanos = patience.toNanos();
  }

  /** The outcome of a change; fails with BUSY, nothing changed, when its turn did not come. */
  Future<StockOutcome> change(ChangeStock asked) {
    Line line = lines.computeIfAbsent(asked.productId(), Line::new);
    if (line.waiting.size() >= mostWaiting) {
      return Future.failedFuture(busy());
    }
    var one = new Waiting(asked, System.nanoTime(), Promise.promise());
    line.waiting.add(one);
    if (!line.underWay) {
      line.next();
    }
    return one.outcome.future();
  }

  private static Failure busy() {
    return Failure.of(ErrorCode.BUSY, "Too many changes of this stock at once");
  }

  /** Those of one product. */
  private final class Line {
    private final long productId;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean underWay;

    Line(long productId) {
      this.productId = productId;
    }

    void next() {
      List<Waiting> batch = take();
      underWay = !batch.isEmpty();
      if (!underWay) {
        lines.remove(productId);
        return;
      }
      List<ChangeStock> asked = batch.stream().map(Waiting::asked).toList();
      Future.succeededFuture(productId)
          .compose(id -> statement.run(id, asked))
          .onComplete(
              done -> {
                next();
                statement.settle(productId, done).onComplete(settled -> tell(batch, done));
              });
    }

    /** The oldest; a second one of the same key is left for a later turn, to find the answer. */
    private List<Waiting> take() {
      List<Waiting> batch = new ArrayList<>();
      Set<Key> keys = new HashSet<>();
      Deque<Waiting> later = new ArrayDeque<>();
      while (!waiting.isEmpty() && batch.size() < BATCH) {
        Waiting one = waiting.poll();
        if (System.nanoTime() - one.sinceNanos > patienceNanos) {
          one.outcome.fail(busy());
        } else if (one.key() == null || keys.add(one.key())) {
          batch.add(one);
        } else {
          later.add(one);
        }
      }
      while (!later.isEmpty()) {
        waiting.addFirst(later.pollLast());
      }
      return batch;
    }

    private void tell(List<Waiting> batch, AsyncResult<List<StockOutcome>> done) {
      for (int i = 0; i < batch.size(); i++) {
        if (done.succeeded()) {
          batch.get(i).outcome.complete(done.result().get(i));
        } else {
          batch.get(i).outcome.fail(done.cause());
        }
      }
    }
  }

  /** What is done with the changes of one turn. */
  interface Statement {
    /** Makes changes of one product, with an outcome for each in their order. */
    Future<List<StockOutcome>> run(long productId, List<ChangeStock> asked);

    /** Called with what became of them; those who wait hear of it when this completes. */
    Future<Void> settle(long productId, AsyncResult<List<StockOutcome>> outcomes);
  }

  private record Waiting(ChangeStock asked, long sinceNanos, Promise<StockOutcome> outcome) {
    Key key() {
      String key = asked.idempotencyKey();
      return key == null ? null : new Key(asked.caller(), key);
    }
  }

  private record Key(String caller, String key) {}
}
