package dev.torii.images;

import dev.torii.bus.Bus;
import dev.torii.images.ImageHasher.Image;
import dev.torii.images.ImageRepository.Known;
import dev.torii.images.ImageTally.Kind;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.Place;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
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

  /** Of a process; each takes its image three times in memory. */
  private static final int AT_ONCE = 2;

  private static final int WAITING = 32;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final Database database;
  private final Bus bus;
  private final ImageRetention retention;
  private final ImageTally tally;
  private final Turns turns;

  /** Those that this process hands in right now, by hash; used on one context only. */
  private final Map<String, Future<UUID>> underWay = new HashMap<>();

  AnalysisJobs(
      Vertx vertx, Database database, Bus bus, ImageRetention retention, ImageTally tally) {
    this.vertx = vertx;
    this.database = database;
    this.bus = bus;
    this.retention = retention;
    this.tally = tally;
    this.turns = new Turns(vertx, AT_ONCE, WAITING, PATIENCE);
  }

  /**
   * The job for an image, a new one or the one that works on it already.
   *
   * @param owner null for nobody
   */
  Future<UUID> begin(Image image, Path file, UUID owner) {
    String phash = image.hash().toString();
    Future<UUID> other = underWay.get(phash);
    if (other != null) {
      return other.onSuccess(job -> tally.count(Kind.JOINED));
    }
    Future<UUID> mine =
        handIn(image, file, new JsonObject().put("phash", phash), owner, phash)
            .onSuccess(place -> tally.count(place.existing() ? Kind.JOINED : Kind.MISSES))
            .map(Place::id);
    underWay.put(phash, mine);
    return mine.onComplete(done -> underWay.remove(phash));
  }

  /** Has an image analysed although it was answered by that of another. */
  Future<Void> sample(Image image, Path file, Known answered) {
    String phash = image.hash().toString();
    var payload =
        new JsonObject()
            .put("phash", phash)
            .put("sampled_of", answered.phash())
            .put("distance", answered.distance());
    return handIn(image, file, payload, null, "sample:" + phash).mapEmpty();
  }

  private Future<Place> handIn(
      Image image, Path file, JsonObject payload, UUID owner, String uniqueKey) {
    UUID id = UUID.randomUUID();
    UUID known = owner == null ? NOBODY : owner;
    var job =
        new NewJob(id, ImageHandler.TYPE, payload, 0, null, null, known, null, uniqueKey, null);
    return turns
        .take(() -> retention.requireRoom().compose(room -> keep(id, image, file)))
        .compose(kept -> bus.ask(JobsApi.ENQUEUE, Enqueue.one(job)).recover(t -> undone(id, t)))
        .map(enqueued -> enqueued.jobs().get(0))
        .compose(place -> place.existing() ? forget(id).map(place) : Future.succeededFuture(place));
  }

  private Future<Void> keep(UUID id, Image image, Path file) {
    String phash = image.hash().toString();
    String mediaType = image.format().mediaType();
    return vertx
        .fileSystem()
        .readFile(file.toString())
        .compose(
            bytes ->
                database.run(db -> ImageRepository.keepUpload(db, id, phash, mediaType, bytes)));
  }

  /** Nobody was told of the job, so that its image is not needed. */
  private <T> Future<T> undone(UUID id, Throwable fault) {
    return forget(id).compose(forgotten -> Future.failedFuture(fault));
  }

  private Future<Void> forget(UUID id) {
    return database.run(db -> ImageRepository.forgetUpload(db, id)).otherwiseEmpty();
  }
}
