package dev.torii.images;

import dev.torii.bus.Bus;
import dev.torii.config.AppConfig;
import dev.torii.config.ImagesConfig;
import dev.torii.postgres.Database;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers for images on the bus. */
public final class ImagesVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ImagesVerticle.class);
  private static final Duration COUNT_EVERY = Duration.ofSeconds(5);
  private static final Duration FORGET_EVERY = Duration.ofMinutes(10);

  /** An image whose job has failed can be asked for again by an admin until then. */
  private static final Duration KEEP_UPLOADS = Duration.ofDays(1);

  /** Rows that are deleted in one statement. */
  private static final int BATCH = 1000;

  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final MeterRegistry registry;
  private final ImageTally tally;
  private final AnalysisForm form;
  private final Clock clock;
  private ImageReader reader;
  private ImageStats stats;

  ImagesVerticle(
      Bus bus,
      Database database,
      AppConfig config,
      MeterRegistry registry,
      ImageTally tally,
      AnalysisForm form,
      Clock clock) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.registry = registry;
    this.tally = tally;
    this.form = form;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    ImagesConfig images = config.images();
    reader = new ImageReader(vertx, images, registry);
    stats = new ImageStats(database, images, tally);
    var cache = new AnalysisCache(new RedisClient(vertx, bus, config.redis().coalesce()), form);
    var jobs = new AnalysisJobs(vertx, database, bus, tally);
    var service = new ImageService(database, bus, images, reader, cache, jobs, tally, clock);
    bus.answer(ImagesVerticle.class, ImagesApi.ANALYZE, service::analyze);
    bus.answer(ImagesVerticle.class, ImagesApi.GET, service::get);
    bus.answer(ImagesVerticle.class, ImagesApi.TASK, service::task);
    bus.answer(ImagesVerticle.class, ImagesApi.KEEP, service::keep);
    bus.answer(ImagesVerticle.class, ImagesApi.FORGET, service::forget);
    bus.answer(ImagesVerticle.class, ImagesApi.STATS, stats::get);
    vertx.setPeriodic(COUNT_EVERY.toMillis(), timer -> stats.write());
    vertx.setPeriodic(FORGET_EVERY.toMillis(), timer -> forget(images.keep()));
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return stats.write().eventually(reader::close);
  }

  private void forget(Duration keep) {
    Instant now = clock.instant();
    database
        .run(db -> ImageRepository.forgetUploads(db, now.minus(KEEP_UPLOADS), BATCH))
        .compose(v -> database.run(db -> ImageRepository.forget(db, now.minus(keep), BATCH)))
        .onFailure(t -> LOG.warn("Old images could not be forgotten", t));
  }
}
