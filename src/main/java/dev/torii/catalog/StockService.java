package dev.torii.catalog;

import dev.torii.catalog.CatalogApi.ChangeStock;
import dev.torii.catalog.CatalogApi.Stock;
import dev.torii.catalog.StockOutcome.Kind;
import dev.torii.config.PgConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stocks behind the bus: PostgreSQL decides, then caches are dropped and all are told. */
final class StockService implements StockQueue.Statement {
  private static final Logger LOG = LoggerFactory.getLogger(StockService.class);

  /** How long the answer to an idempotency key is known at least. */
  private static final Duration KEPT = Duration.ofHours(24);

  /** Answers that one statement forgets. */
  private static final int FORGOTTEN_AT_ONCE = 1_000;

  private final Database database;
  private final CatalogCaches caches;
  private final StockOutbox outbox;
  private final StockQueue queue;
  private final UUID process;

  /**
   * @param process who is to be known for these changes
   */
  StockService(
      Database database, PgConfig pg, CatalogCaches caches, StockOutbox outbox, UUID process) {
    this.process = process;
    this.database = database;
    this.caches = caches;
    this.outbox = outbox;
    this.queue = new StockQueue(this, pg.maxWaiting(), pg.acquireTimeout());
  }

  Future<Stock> change(ChangeStock question) {
    return queue.change(question).map(outcome -> answer(question, outcome));
  }

  @Override
  public Future<List<StockOutcome>> run(long productId, List<ChangeStock> asked) {
    return database.run(db -> StockRepository.change(db, productId, asked, process));
  }

  /** Also of what failed: a statement that timed out may still be committed. */
  @Override
  public Future<Void> settle(long productId, AsyncResult<List<StockOutcome>> outcomes) {
    boolean unchanged =
        outcomes.succeeded()
            && outcomes.result().stream().noneMatch(one -> one.kind() == Kind.CHANGED);
    if (unchanged) {
      return Future.succeededFuture();
    }
    outbox.ring();
    return caches.settled(productId, outcomes).<Void>mapEmpty().otherwiseEmpty();
  }

  /** Goes on until none is left; what fails is tried the next time. */
  void forgetOldAnswers() {
    database
        .run(db -> StockRepository.forget(db, KEPT, FORGOTTEN_AT_ONCE))
        .onSuccess(
            forgotten -> {
              if (forgotten == FORGOTTEN_AT_ONCE) {
                forgetOldAnswers();
              }
            })
        .onFailure(t -> LOG.debug("old answers to keys stay until the next time", t));
  }

  private static Stock answer(ChangeStock asked, StockOutcome outcome) {
    return switch (outcome.kind()) {
      case CHANGED -> new Stock(asked.productId(), outcome.stock(), outcome.version());
      case INSUFFICIENT ->
          throw Failure.of(
              ErrorCode.INSUFFICIENT_STOCK, "In stock is " + outcome.stock() + ", no more");
      case TOO_MUCH ->
          throw Failure.of(
              ErrorCode.CONFLICT,
              "In stock is "
                  + outcome.stock()
                  + ", and at most "
                  + StockRepository.MOST
                  + " can be");
      case NO_PRODUCT -> throw ProductId.unknown();
      case OTHER_REQUEST ->
          throw Failure.of(
              ErrorCode.IDEMPOTENCY_CONFLICT, "The Idempotency-Key stands for another change");
    };
  }
}
