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

/** Answers for images on the bus. */
public final class ImagesVerticle extends VerticleBase {
  private static final Duration COUNT_EVERY = Duration.ofSeconds(5);
  private static final Duration FORGET_EVERY = Duration.ofMinutes(10);

  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final MeterRegistry registry;
  private final ImageTally tally;
  private final AnalysisForm form;
  private final Clock clock;
  private ImageHasher hasher;
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
    hasher = new ImageHasher(vertx, images, registry);
    stats = new ImageStats(database, images, tally);
    var cache = new AnalysisCache(new RedisClient(vertx, bus, config.redis().coalesce()), form);
    var retention =
        new ImageRetention(vertx, database, bus, images.keep(), images.maxWaiting(), clock);
    var jobs = new AnalysisJobs(vertx, bus, new ImageIntake(vertx, database), retention, tally);
    var service = new ImageService(database, bus, images, hasher, cache, jobs, tally, clock);
    bus.answer(ImagesVerticle.class, ImagesApi.ANALYZE, service::analyze);
    bus.answer(ImagesVerticle.class, ImagesApi.GET, service::get);
    bus.answer(ImagesVerticle.class, ImagesApi.TASK, service::task);
    bus.answer(ImagesVerticle.class, ImagesApi.PIECE, service::piece);
    bus.answer(ImagesVerticle.class, ImagesApi.HOLD, service::hold);
    bus.answer(ImagesVerticle.class, ImagesApi.KEEP, service::keep);
    bus.answer(ImagesVerticle.class, ImagesApi.FORGET, service::forget);
    bus.answer(ImagesVerticle.class, ImagesApi.STATS, stats::get);
    vertx.setPeriodic(COUNT_EVERY.toMillis(), timer -> stats.write());
    vertx.setPeriodic(FORGET_EVERY.toMillis(), timer -> retention.forgetOld());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    hasher.close();
    return stats.write();
  }
}
