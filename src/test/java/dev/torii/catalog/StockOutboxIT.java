package dev.torii.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.catalog.CatalogApi.ChangeStock;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.realtime.Feed;
import dev.torii.realtime.RealtimeApi;
import dev.torii.realtime.RealtimeApi.News;
import dev.torii.realtime.RealtimeApi.Publish;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two processes that tell what was committed to a publisher that the test plays. */
class StockOutboxIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<News> told = Collections.synchronizedList(new ArrayList<>());
  private final Set<Long> dropped = ConcurrentHashMap.newKeySet();
  private volatile Function<Publish, Future<Done>> publisher = this::hear;
  private StockTables tables;
  private TellingProcess one;
  private TellingProcess two;

  @BeforeEach
  void start() throws Exception {
    tables = new StockTables();
    one = new TellingProcess();
    two = new TellingProcess();
  }

  @AfterEach
  void stop() throws Exception {
    one.close();
    two.close();
    tables.close();
  }

  @Test
  void tellsInTheOrderOfVersionsAndForgets() throws Exception {
    long id = tables.product(1_000);
    one.change(id, 300);
    two.change(id, 300);
    one.ring();
    two.ring();
    awaitNothingWaits();
    assertThat(versions())
        .containsExactlyElementsOf(LongStream.rangeClosed(2, 601).boxed().toList());
    assertThat(one.told() + two.told()).isEqualTo(600);
    assertThat(told.get(0).data().encode())
        .matches(
            "\\{\"product_id\":"
                + id
                + ",\"stock\":999,"
                + "\"timestamp\":[0-9]{10}\\.[0-9]{6},\"version\":2}");
    assertThat(told.get(0).epoch())
        .isEqualTo(
            tables.number(
                "SELECT round(extract(epoch FROM created_at) * 1000000) FROM product WHERE id = "
                    + id));
  }

  @Test
  void whatAnotherLeftIsFoundWithoutABell() throws Exception {
    long id = tables.product(10);
    two.ring();
    one.change(id, 3);
    awaitNothingWaits();
    assertThat(versions()).containsExactly(2L, 3L, 4L);
  }

  @Test
  void whoeverTellsOfTheChangeOfAnotherDropsWhatCachesHave() throws Exception {
    long id = tables.product(10);
    one.change(id, 1);
    two.ring();
    awaitNothingWaits();
    assertThat(dropped).containsExactly(id);
  }

  @Test
  void whoTellsOfItsOwnChangeHasDroppedItBefore() throws Exception {
    one.change(tables.product(10), 1);
    one.ring();
    awaitNothingWaits();
    assertThat(dropped).isEmpty();
    assertThat(told).hasSize(1);
  }

  @Test
  void otherChangesOfAProductAreDroppedAndNotTold() throws Exception {
    long id = tables.product(10);
    tables.sql(
        "INSERT INTO stock_change (product_id, epoch, stock, version, changed_at) VALUES ("
            + id
            + ", 1, NULL, 2, now())");
    one.change(id, 1);
    one.ring();
    awaitNothingWaits();
    assertThat(dropped).containsExactly(id);
    assertThat(versions()).hasSize(1);
  }

  @Test
  void nothingIsLostWhenItCannotBeToldAndItIsToldWhenItCan() throws Exception {
    long id = tables.product(10);
    var attempts = new ArrayList<Publish>();
    publisher =
        asked -> {
          attempts.add(asked);
          return Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, "away"));
        };
    one.change(id, 3);
    one.ring();
    await().atMost(PATIENCE).until(() -> attempts.size() >= 2);
    assertThat(waiting()).isEqualTo(3);
    await().atMost(PATIENCE).until(() -> one.gauge("torii.stock.outbox.waiting") == 3);
    assertThat(one.gauge("torii.stock.outbox.lag.seconds")).isPositive();

    publisher = this::hear;
    one.resume();
    awaitNothingWaits();
    assertThat(versions()).containsExactly(2L, 3L, 4L);
    await().atMost(PATIENCE).until(() -> one.gauge("torii.stock.outbox.waiting") == 0);
  }

  @Test
  void oneTellsAtATimeAndTheOtherComesSoonAfter() throws Exception {
    long id = tables.product(10);
    Promise<Done> slow = Promise.promise();
    publisher =
        asked -> {
          publisher = this::hear;
          told.addAll(asked.news());
          return slow.future();
        };
    one.change(id, 1);
    one.ring();
    await().atMost(PATIENCE).until(() -> told.size() == 1);
    two.change(id, 1);
    two.ring();
    // Longer than the other would wait for its turn if it did not have to.
    await().during(Duration.ofMillis(200)).until(() -> versions().equals(List.of(2L)));
    slow.complete(Done.DONE);
    awaitNothingWaits();
    assertThat(versions()).containsExactly(2L, 3L);
  }

  @Test
  void lateCommitOfAnotherProductIsNotSkipped() throws Exception {
    long slow = tables.product(10);
    long fast = tables.product(10);
    tables.sql("BEGIN");
    tables.sql(
        "INSERT INTO stock_change (product_id, epoch, stock, version, changed_at) VALUES ("
            + slow
            + ", 1, 5, 2, now())");
    one.change(fast, 2);
    one.ring();
    await().atMost(PATIENCE).until(() -> told.size() == 2);
    tables.sql("COMMIT");
    awaitNothingWaits();
    assertThat(told.get(2).data().getLong("product_id")).isEqualTo(slow);
  }

  @Test
  void drainTellsWhatIsLeft() throws Exception {
    long id = tables.product(1_000);
    one.change(id, 900);
    one.drain();
    assertThat(waiting()).isZero();
    assertThat(told).hasSize(900);
  }

  private Future<Done> hear(Publish asked) {
    told.addAll(asked.news());
    return Future.succeededFuture(Done.DONE);
  }

  private List<Long> versions() {
    return told.stream().map(News::version).toList();
  }

  private void awaitNothingWaits() {
    await().atMost(PATIENCE).until(() -> waiting() == 0);
  }

  private long waiting() throws Exception {
    return tables.number("SELECT count(*) FROM stock_change");
  }

  /** What one process has of stock. */
  private final class TellingProcess {
    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = Bus.install(vertx, Duration.ofSeconds(5));
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Database database = tables.database(vertx);
    private final Context context = vertx.getOrCreateContext();
    private final UUID process = UUID.randomUUID();
    private final StockOutbox outbox;

    TellingProcess() {
      var feed =
          new Feed(
              "stock", "stock:updates", data -> "", new StockState(database), 1, PATIENCE, false);
      outbox =
          new StockOutbox(
              vertx,
              bus,
              database,
              feed,
              new StockMetrics(registry),
              process,
              id -> {
                dropped.add(id);
                return Future.succeededFuture();
              });
      bus.answer(TellingProcess.class, RealtimeApi.PUBLISH, asked -> publisher.apply(asked));
    }

    /** Takes one piece so often, and rings nobody. */
    void change(long id, int times) {
      for (int left = times; left > 0; left -= 100) {
        var batch =
            Collections.nCopies(Math.min(left, 100), new ChangeStock(id, -1L, null, "ann", null));
        StockTables.await(database.run(db -> StockRepository.change(db, id, batch, process)));
      }
    }

    void ring() {
      context.runOnContext(turn -> outbox.ring());
    }

    void resume() {
      context.runOnContext(turn -> outbox.resume());
    }

    void drain() {
      Promise<Void> drained = Promise.promise();
      context.runOnContext(turn -> outbox.drain(PATIENCE).onComplete(drained));
      StockTables.await(drained.future());
    }

    double told() {
      return registry.get("torii.stock.told").counter().count();
    }

    double gauge(String name) {
      return registry.get(name).gauge().value();
    }

    void close() {
      StockTables.await(vertx.close());
    }
  }
}
