package dev.torii.images;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forgets what is not needed any more: by age, and images of ended jobs when room is needed. */
final class ImageRetention {
  private static final Logger LOG = LoggerFactory.getLogger(ImageRetention.class);

  /** An image whose job has failed can be asked for again by an admin until then. */
  private static final Duration KEEP_UPLOADS = Duration.ofDays(1);

  /** A job is there as soon as its image is, but for a moment. */
  private static final Duration SURELY_HANDED_IN = Duration.ofMinutes(1);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  /** Images that are deleted in one statement, each up to 20 MB. */
  private static final int UPLOADS = 10;

  private static final int ANALYSES = 1000;
  private static final int LOOKED_AT = 100;

  private final Database database;
  private final Bus bus;
  private final Duration keep;
  private final int maxWaiting;
  private final Clock clock;
  private Instant lookedAt = Instant.EPOCH;

  /**
   * @param keep age of an analysis
   * @param maxWaiting images of all processes
   */
  ImageRetention(Database database, Bus bus, Duration keep, int maxWaiting, Clock clock) {
    this.database = database;
    this.bus = bus;
    this.keep = keep;
    this.maxWaiting = maxWaiting;
    this.clock = clock;
  }

  /** Forgets what is too old; never fails. */
  Future<Void> forgetOld() {
    Instant now = clock.instant();
    Future<Void> uploads =
        all(db -> ImageRepository.forgetUploads(db, now.minus(KEEP_UPLOADS), UPLOADS));
    Future<Void> analyses = all(db -> ImageRepository.forget(db, now.minus(keep), ANALYSES));
    return Future.join(uploads, analyses)
        .onFailure(t -> LOG.warn("Old images could not be forgotten", t))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  /** Fails with BUSY when as many images wait as may. */
  Future<Void> requireRoom() {
    return isRoom()
        .compose(room -> room ? Future.succeededFuture(true) : forgetEnded().compose(v -> isRoom()))
        .map(ImageRetention::requireRoom);
  }

  private static Void requireRoom(boolean room) {
    if (!room) {
      throw Failure.of(ErrorCode.BUSY, "Too many images wait to be analysed; try again later");
    }
    return null;
  }

  private Future<Boolean> isRoom() {
    return database.run(ImageRepository::uploads).map(kept -> kept < maxWaiting);
  }

  /** The oldest are looked at, not again before long: each is a question to the jobs. */
  private Future<Void> forgetEnded() {
    Instant now = clock.instant();
    if (now.isBefore(lookedAt.plus(LOOK_AGAIN))) {
      return Future.succeededFuture();
    }
    lookedAt = now;
    return database
        .run(db -> ImageRepository.oldestUploads(db, now.minus(SURELY_HANDED_IN), LOOKED_AT))
        .compose(jobs -> Future.join(jobs.stream().map(this::forgetIfEnded).toList()))
        .mapEmpty();
  }

  private Future<Void> forgetIfEnded(UUID job) {
    return bus.ask(JobsApi.GET, new GetJob(job))
        .map(found -> found.state().isFinal())
        .recover(ImageRetention::isUnknown)
        .compose(
            ended ->
                ended
                    ? database.run(db -> ImageRepository.forgetUpload(db, job))
                    : Future.succeededFuture());
  }

  private static Future<Boolean> isUnknown(Throwable t) {
    return Future.succeededFuture(Failure.from(t).code() == ErrorCode.NOT_FOUND);
  }

  /** Repeats a deletion until nothing is left for it. */
  private Future<Void> all(Function<SqlClient, Future<Integer>> some) {
    return database
        .run(some)
        .compose(forgotten -> forgotten == 0 ? Future.succeededFuture() : all(some));
  }
}
