package dev.torii.images;

import dev.torii.config.ImagesConfig;
import dev.torii.images.ImageTally.Kind;
import dev.torii.images.ImageTally.Sum;
import dev.torii.images.ImagesApi.GetStats;
import dev.torii.images.ImagesApi.Stats;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sums of all processes: what this one counts is added to them in PostgreSQL now and then. */
final class ImageStats {
  private static final Logger LOG = LoggerFactory.getLogger(ImageStats.class);

  private final Database database;
  private final ImagesConfig config;
  private final ImageTally tally;
  private final UUID process = UUID.randomUUID();

  /** These are used on one context only. */
  private Future<Void> underWay = Future.succeededFuture();

  private Map<String, Sum> batch = Map.of();
  private long number;

  ImageStats(Database database, ImagesConfig config, ImageTally tally) {
    this.database = database;
    this.config = config;
    this.tally = tally;
  }

  /** Adds what was counted since; never fails, what cannot be written waits for the next time. */
  Future<Void> write() {
    underWay = underWay.compose(written -> writeNext());
    return underWay;
  }

  /**
   * A batch whose writing failed may be there all the same: it is sent again as it was, and under
   * its number PostgreSQL takes it once.
   */
  private Future<Void> writeNext() {
    if (batch.isEmpty()) {
      batch = tally.take();
      number++;
    }
    if (batch.isEmpty()) {
      return Future.succeededFuture();
    }
    return database
        .run(db -> ImageRepository.count(db, process, number, batch))
        .onSuccess(written -> batch = Map.of())
        .onFailure(t -> LOG.debug("counts are not written yet", t))
        .otherwiseEmpty();
  }

  /** The sums, with what this process has counted until now. */
  Future<Stats> get(GetStats asked) {
    return write()
        .compose(written -> database.run(ImageRepository::counts))
        .compose(
            sums ->
                database.run(ImageRepository::known).map(known -> new Stats(json(sums, known))));
  }

  private JsonObject json(Map<String, Sum> sums, long known) {
    Sum hits = sum(sums, Kind.HITS);
    Sum near = sum(sums, Kind.NEAR_HITS);
    Sum joined = sum(sums, Kind.JOINED);
    Sum calls = sum(sums, Kind.CALLS);
    Sum saved = hits.plus(near).plus(joined);
    return new JsonObject()
        .put("known_images", known)
        .put("hits", hits.count())
        .put("near_hits", near.count())
        .put("joined", joined.count())
        .put("misses", sum(sums, Kind.MISSES).count())
        .put("calls", calls.count())
        .put("failed_calls", sum(sums, Kind.FAILED_CALLS).count())
        .put("calls_saved", saved.count())
        .put("price_per_call", decimal(config.price()))
        .put("money_spent", decimal(calls.money()))
        .put("money_saved", decimal(saved.money()))
        .put("samples", sum(sums, Kind.SAMPLES).count())
        .put("disagreements", sum(sums, Kind.DISAGREEMENTS).count());
  }

  private static Sum sum(Map<String, Sum> sums, Kind kind) {
    return sums.getOrDefault(kind.spelling(), Sum.ZERO);
  }

  /** As text: no client rounds money. */
  private static String decimal(BigDecimal money) {
    return money.signum() == 0 ? "0" : money.stripTrailingZeros().toPlainString();
  }
}
