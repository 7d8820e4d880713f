package dev.torii.catalog;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.config.LiveConfig;
import dev.torii.config.PgConfig;
import dev.torii.postgres.Database;
import dev.torii.realtime.Feed;
import dev.torii.realtime.TopicKind;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.UUID;

/** The parts of stock put together: what changes it, tells of changes, and is followed. */
public final class StockModule {
  /** How long a stop goes on telling; what is left is told by another process or the next. */
  private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);

  private static final Duration FORGET_EVERY = Duration.ofMinutes(1);

  private final Bus bus;
  private final Database database;
  private final PgConfig pg;
  private final Feed feed;
  private final StockMetrics metrics;

  /** Who is known for the changes of this process. */
  private final UUID process = UUID.randomUUID();

  private StockOutbox outbox;

  public StockModule(Bus bus, Database database, AppConfig config, MeterRegistry registry) {
    this.bus = bus;
    this.database = database;
    this.pg = config.pg();
    this.feed = feed(config.live(), database);
    this.metrics = new StockMetrics(registry);
  }

  /** The topics of stock, for every event loop. */
  public TopicKind topics() {
    return new StockTopics(bus, feed);
  }

  /** Begins on the context of {@link CatalogVerticle}, which alone may use the caches. */
  void start(Vertx vertx, CatalogCaches caches) {
    outbox = new StockOutbox(vertx, bus, database, feed, metrics, process, caches::changed);
    var service = new StockService(database, pg, caches, outbox, process);
    bus.answer(CatalogVerticle.class, CatalogApi.CHANGE_STOCK, service::change);
    bus.listen(RedisApi.LINK_UP, link -> resume(link.areas().contains(Area.NOTIFICATIONS)));
    vertx.setPeriodic(FORGET_EVERY.toMillis(), timer -> service.forgetOldAnswers());
    outbox.ring();
  }

  UUID process() {
    return process;
  }

  Future<Void> stop() {
    return outbox.drain(DRAIN_PATIENCE);
  }

  private void resume(boolean possible) {
    if (possible) {
      outbox.resume();
    }
  }

  private static Feed feed(LiveConfig live, Database database) {
    return new Feed(
        "stock",
        Keys.STOCK_UPDATES,
        change -> change.getValue("product_id").toString(),
        new StockState(database),
        live.historyLength(),
        live.history(),
        false);
  }
}
