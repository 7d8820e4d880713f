package dev.torii.images;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImageHasher.Image;
import dev.torii.images.ImageRepository.Known;
import dev.torii.images.ImageTally.Kind;
import dev.torii.images.ImagesApi.Analyze;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.Place;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Hands images to jobs, of one hash one at a time over all processes. An image is in PostgreSQL
 * under the id of its job before that begins; when another job has it already, it is removed.
 */
final class AnalysisJobs {
  /** Who owns what a stranger has sent: nobody, so that only admins see the job. */
  static final UUID NOBODY = new UUID(0, 0);

  /** Of a process: each keeps a connection to PostgreSQL busy for as long as it has pieces. */
  private static final int AT_ONCE = 2;

  private static final int WAITING = 32;
  private static final int SERVER_ERRORS = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Bus bus;
  private final ImageIntake intake;
  private final ImageRetention retention;
  private final ImageTally tally;
  private final Turns turns;

  /** Those that this process hands in right now, by hash; used on one context only. */
  private final Map<String, Future<UUID>> underWay = new HashMap<>();

  AnalysisJobs(
      Vertx vertx, Bus bus, ImageIntake intake, ImageRetention retention, ImageTally tally) {
    this.bus = bus;
    this.intake = intake;
    this.retention = retention;
    this.tally = tally;
    this.turns = new Turns(vertx, AT_ONCE, WAITING, PATIENCE);
  }

  /** The job for an image, a new one or the one that works on it already. */
  Future<UUID> begin(Image image, Analyze asked) {
    String phash = image.hash().toString();
    Future<UUID> other = underWay.get(phash);
    if (other != null) {
      return other.onSuccess(job -> tally.count(Kind.JOINED));
    }
    Future<UUID> mine =
        handIn(image, asked, new JsonObject().put("phash", phash), asked.owner(), "image", phash)
            .onSuccess(place -> tally.count(place.existing() ? Kind.JOINED : Kind.MISSES))
            .map(Place::id);
    underWay.put(phash, mine);
    return mine.onComplete(done -> underWay.remove(phash));
  }

  /** Has an image analysed although it was answered by that of another. */
  Future<Void> sample(Image image, Analyze asked, Known answered) {
    String phash = image.hash().toString();
    var payload =
        new JsonObject()
            .put("phash", phash)
            .put("sampled_of", answered.phash())
            .put("distance", answered.distance());
    return handIn(image, asked, payload, null, "sample", phash).mapEmpty();
  }

  private Future<Place> handIn(
      Image image, Analyze asked, JsonObject payload, UUID owner, String kind, String phash) {
    UUID id = UUID.randomUUID();
    UUID known = owner == null ? NOBODY : owner;
    var job =
        new NewJob(
            id,
            ImageHandler.TYPE,
            payload,
            0,
            null,
            null,
            known,
            null,
            uniqueKey(kind, phash),
            null);
    return turns
        .take(
            () ->
                retention
                    .requireRoom()
                    .compose(room -> intake.keep(id, image, asked.file(), asked.deadline())))
        .compose(kept -> bus.ask(JobsApi.ENQUEUE, Enqueue.one(job)).recover(t -> undone(id, t)))
        .map(enqueued -> enqueued.jobs().get(0))
        .compose(
            place ->
                place.existing() ? intake.forget(id).map(place) : Future.succeededFuture(place));
  }

  /**
   * Longer than the contract lets a caller's be (128 characters): whoever may hand in jobs could
   * else take the key of an image, for a job that never analyses it.
   */
  private static String uniqueKey(String kind, String phash) {
    return kind + ":" + phash + ":" + phash;
  }

  /** The job may be there all the same unless it was refused, and whoever asks next is given it. */
  private <T> Future<T> undone(UUID id, Throwable fault) {
    ErrorCode code = Failure.from(fault).code();
    if (code == ErrorCode.BUSY || code.status() < SERVER_ERRORS) {
      return intake.forget(id).compose(forgotten -> Future.failedFuture(fault));
    }
    retention.forgetUnlessHandedIn(id);
    return Future.failedFuture(fault);
  }
}
