package dev.torii.images;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImageUploadRepository.Upload;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forgets what is not needed any more: by age, and images of ended jobs when room is needed. */
final class ImageRetention {
  private static final Logger LOG = LoggerFactory.getLogger(ImageRetention.class);

  /** An image whose job has failed can be asked for again by an admin until then. */
  private static final Duration KEEP_UPLOADS = Duration.ofDays(1);

  /** A job is there as soon as its image is whole, which an upload takes less time for. */
  private static final Duration SURELY_HANDED_IN = Duration.ofMinutes(1);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);
  private static final int ANALYSES = 1000;
  private static final int LOOKED_AT = 100;

  private final Vertx vertx;
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
  ImageRetention(
      Vertx vertx, Database database, Bus bus, Duration keep, int maxWaiting, Clock clock) {
    this.vertx = vertx;
    this.database = database;
    this.bus = bus;
    this.keep = keep;
    this.maxWaiting = maxWaiting;
    this.clock = clock;
  }

  /** Forgets what is too old and needed by no job; never fails. */
  Future<Void> forgetOld() {
    Instant tooOld = clock.instant().minus(keep);
    return Future.join(
            forgetEnded(KEEP_UPLOADS, null),
            all(db -> ImageRepository.forget(db, tooOld, ANALYSES)),
            database.run(ImageRepository::forgetWriters))
        .onFailure(t -> LOG.warn("Old images could not be forgotten", t))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  /** Forgets an image before long if its job, of which it is not known, is not there then. */
  void forgetUnlessHandedIn(UUID job) {
    vertx.setTimer(
        SURELY_HANDED_IN.toMillis(),
        timer ->
            forgetIfUnknown(job)
                .onFailure(t -> LOG.debug("the image of {} is forgotten later", job, t)));
  }

  /** Forgets an image whose job is not there. */
  Future<Void> forgetIfUnknown(UUID job) {
    return forgetIf(job, found -> false);
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
    return database.run(ImageUploadRepository::count).map(kept -> kept < maxWaiting);
  }

  /** The oldest are looked at, not again before long: each is a question to the jobs. */
  private Future<Void> forgetEnded() {
    Instant now = clock.instant();
    if (now.isBefore(lookedAt.plus(LOOK_AGAIN))) {
      return Future.succeededFuture();
    }
    lookedAt = now;
    return oldest(SURELY_HANDED_IN, null).compose(this::forgetEnded);
  }

  /** Looks at all that are so old, the oldest first. */
  private Future<Void> forgetEnded(Duration age, Upload after) {
    return oldest(age, after)
        .compose(
            uploads ->
                uploads.isEmpty()
                    ? Future.succeededFuture()
                    : forgetEnded(uploads)
                        .compose(v -> forgetEnded(age, uploads.get(uploads.size() - 1))));
  }

  private Future<List<Upload>> oldest(Duration age, Upload after) {
    return database.run(db -> ImageUploadRepository.oldest(db, age, after, LOOKED_AT));
  }

  /** One after the other, so that others get their connections too. */
  private Future<Void> forgetEnded(List<Upload> uploads) {
    Future<Void> done = Future.succeededFuture();
    for (Upload upload : uploads) {
      done = done.compose(v -> forgetIf(upload.jobId(), found -> found.state().isFinal()));
    }
    return done;
  }

  /** Forgets an image whose job is not there, or is such a one. */
  private Future<Void> forgetIf(UUID job, Predicate<Job> over) {
    return bus.ask(JobsApi.GET, new GetJob(job))
        .map(over::test)
        .recover(ImageRetention::isUnknown)
        .compose(
            forget ->
                forget
                    ? database.run(db -> ImageUploadRepository.forget(db, job))
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
