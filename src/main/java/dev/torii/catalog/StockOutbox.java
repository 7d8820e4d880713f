package dev.torii.catalog;

import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.catalog.OutboxRepository.Waiting;
import dev.torii.postgres.Database;
import dev.torii.realtime.Feed;
import dev.torii.realtime.RealtimeApi;
import dev.torii.realtime.RealtimeApi.News;
import dev.torii.realtime.RealtimeApi.Publish;
import dev.torii.writebehind.ApplyLoop;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.LongFunction;

/**
 * Tells changes of stock that were committed, each at least once and those of a product in the
 * order of their versions; the history leaves out what it was told before.
 *
 * <p>Every process has one, of which one at a time tells: it holds a lock of the database from
 * reading changes until they are told and deleted, and loses it with its connection. A change is
 * told at once by the process that made it, and by whichever looks next when that one cannot.
 */
final class StockOutbox {
  /** Pause between two looks for changes that others left. */
  private static final Duration SWEEP = Duration.ofMillis(500);

  /** Changes of one transaction: as many as are told in one step, so that none is left out. */
  static final int BATCH = 100;

  /** How soon a process with changes of its own asks again for the lock that another holds. */
  private static final Duration SOON = Duration.ofMillis(20);

  /** How often what waits is counted while there is always something to tell. */
  private static final long COUNT_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private static final int BUSY = -1;

  private final Vertx vertx;
  private final Bus bus;
  private final Database database;
  private final Feed feed;
  private final StockMetrics metrics;
  private final UUID process;
  private final LongFunction<Future<Void>> dropCached;
  private final ApplyLoop loop;
  private boolean rung;
  private long countedNanos = System.nanoTime() - COUNT_EVERY_NANOS;

  /**
   * An outbox that begins with the first {@link #ring}.
   *
   * @param process which drops what caches have for its own changes, before it answers them
   * @param dropCached drops what caches have of a product
   */
  StockOutbox(
      Vertx vertx,
      Bus bus,
      Database database,
      Feed feed,
      StockMetrics metrics,
      UUID process,
      LongFunction<Future<Void>> dropCached) {
    this.process = process;
    this.dropCached = dropCached;
    this.vertx = vertx;
    this.bus = bus;
    this.database = database;
    this.feed = feed;
    this.metrics = metrics;
    this.loop = new ApplyLoop(vertx, "Changes of stock wait to be told", SWEEP, this::step);
  }

  /** This process has committed changes, or may have. */
  void ring() {
    rung = true;
    loop.kick();
  }

  /** Changes can be told again. */
  void resume() {
    loop.resume();
  }

  /** Tells what waits, for as long as {@code patience} lasts; what is left is safe. */
  Future<Void> drain(Duration patience) {
    return loop.drain(patience);
  }

  private Future<Integer> step() {
    boolean own = rung;
    rung = false;
    boolean countDue = System.nanoTime() - countedNanos >= COUNT_EVERY_NANOS;
    return own && !countDue
        ? tell(true)
        : count().compose(waiting -> waiting > 0 ? tell(own) : Future.succeededFuture(0));
  }

  private Future<Long> count() {
    return database
        .run(OutboxRepository::backlog)
        .map(
            backlog -> {
              countedNanos = System.nanoTime();
              metrics.waiting(backlog);
              return backlog.count();
            });
  }

  private Future<Integer> tell(boolean own) {
    return database
        .inTransaction(this::tellOldest)
        .onSuccess(metrics::told)
        .compose(told -> told == BUSY ? later(own) : Future.succeededFuture(told));
  }

  /** The one that tells may have looked before these changes were committed. */
  private Future<Integer> later(boolean own) {
    if (!own) {
      return Future.succeededFuture(0);
    }
    rung = true;
    return vertx.timer(SOON.toMillis()).map(1);
  }

  private Future<Integer> tellOldest(SqlConnection tx) {
    return OutboxRepository.lock(tx)
        .compose(
            mine ->
                mine
                    ? OutboxRepository.oldest(tx, BATCH).compose(waiting -> tell(tx, waiting))
                    : Future.succeededFuture(BUSY));
  }

  private Future<Integer> tell(SqlConnection tx, List<Waiting> waiting) {
    if (waiting.isEmpty()) {
      return Future.succeededFuture(0);
    }
    List<News> news =
        waiting.stream()
            .filter(Waiting::ofStock)
            .map(one -> new News(one.change().toJson(), one.epoch(), one.change().version()))
            .toList();
    return dropForOthers(waiting)
        .compose(dropped -> publish(news))
        .compose(done -> OutboxRepository.delete(tx, waiting))
        .map(waiting.size());
  }

  private Future<Done> publish(List<News> news) {
    return news.isEmpty()
        ? Future.succeededFuture(Done.DONE)
        : bus.ask(RealtimeApi.PUBLISH, new Publish(feed, news));
  }

  /** Whoever made these changes may have died before it dropped what caches have. */
  private Future<Void> dropForOthers(List<Waiting> waiting) {
    List<Future<Void>> drops =
        waiting.stream()
            .filter(one -> !process.equals(one.writer()))
            .mapToLong(one -> one.change().productId())
            .distinct()
            .mapToObj(dropCached)
            .toList();
    return Future.join(drops).<Void>mapEmpty().otherwiseEmpty();
  }
}
