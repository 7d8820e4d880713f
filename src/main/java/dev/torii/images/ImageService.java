package dev.torii.images;

import dev.torii.bus.Bus;
import dev.torii.bus.Done;
import dev.torii.config.ImagesConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImageHasher.Image;
import dev.torii.images.ImageRepository.Known;
import dev.torii.images.ImageTally.Kind;
import dev.torii.images.ImagesApi.Analyze;
import dev.torii.images.ImagesApi.Answer;
import dev.torii.images.ImagesApi.Forget;
import dev.torii.images.ImagesApi.GetAnalysis;
import dev.torii.images.ImagesApi.GetPiece;
import dev.torii.images.ImagesApi.GetTask;
import dev.torii.images.ImagesApi.Hold;
import dev.torii.images.ImagesApi.Keep;
import dev.torii.images.ImagesApi.Piece;
import dev.torii.images.ImagesApi.Task;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers for images: what Redis knows, else what PostgreSQL knows of this hash or of one like it,
 * else a job.
 */
final class ImageService {
  private static final Logger LOG = LoggerFactory.getLogger(ImageService.class);
  private static final Duration LOOK_AGAIN = Duration.ofHours(1);
  private static final int HUNDRED = 100;

  /** Of one hash; there are more than two at the same time only after failures. */
  private static final int JOBS_LOOKED_AT = 10;

  private final Database database;
  private final Bus bus;
  private final ImagesConfig config;
  private final ImageHasher hasher;
  private final AnalysisCache cache;
  private final AnalysisJobs jobs;
  private final ImageTally tally;
  private final Clock clock;

  ImageService(
      Database database,
      Bus bus,
      ImagesConfig config,
      ImageHasher hasher,
      AnalysisCache cache,
      AnalysisJobs jobs,
      ImageTally tally,
      Clock clock) {
    this.database = database;
    this.bus = bus;
    this.config = config;
    this.hasher = hasher;
    this.cache = cache;
    this.jobs = jobs;
    this.tally = tally;
    this.clock = clock;
  }

  Future<Answer> analyze(Analyze asked) {
    return hasher.hash(asked.file()).compose(image -> answer(image, asked));
  }

  /** What is known of a hash, or the job that will tell. */
  Future<Answer> get(GetAnalysis asked) {
    String phash = asked.phash();
    return cache
        .find(phash)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(new Answer(phash, found.get(), 0, null))
                    : getSlowly(phash));
  }

  /** What a job is to do. */
  Future<Task> task(GetTask asked) {
    return database.run(
        db -> ImageUploadRepository.task(db, asked.jobId(), asked.phash(), notBefore()));
  }

  /** A piece of the image of a job. */
  Future<Piece> piece(GetPiece asked) {
    return database
        .run(db -> ImageUploadRepository.piece(db, asked.jobId(), asked.n()))
        .map(
            found ->
                found
                    .map(Piece::new)
                    .orElseThrow(() -> Failure.of(ErrorCode.NOT_FOUND, ImageHandler.GONE)));
  }

  /** Lets all processes know for how long the analyser wants no calls. */
  Future<Done> hold(Hold asked) {
    return database.run(db -> ImageUploadRepository.hold(db, asked.time())).map(held -> Done.DONE);
  }

  /** Keeps an analysis in PostgreSQL, then in Redis. */
  Future<Done> keep(Keep said) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    JsonObject analysis = said.analysis().copy().put("analyzed_at", now.toString());
    var one =
        new Keep(
            said.jobId(),
            said.phash(),
            analysis,
            said.sampledOf(),
            said.distance(),
            said.deadline());
    return database
        .run(db -> ImageRepository.keep(db, one, config.model(), config.price(), now))
        .onSuccess(this::countSample)
        .compose(agrees -> cache.keep(one.phash(), analysis.toBuffer(), config.keep()))
        .map(kept -> Done.DONE);
  }

  /** Forgets the image of a job. */
  Future<Done> forget(Forget asked) {
    return database
        .run(db -> ImageUploadRepository.forget(db, asked.jobId()))
        .map(forgotten -> Done.DONE);
  }

  private Future<Answer> answer(Image image, Analyze asked) {
    String phash = image.hash().toString();
    return cache
        .find(phash)
        .compose(
            found -> {
              if (found.isPresent()) {
                tally.count(Kind.HITS);
                return Future.succeededFuture(new Answer(phash, found.get(), 0, null));
              }
              return nearest(phash, image.hash().isFlat() ? 0 : config.nearDistance())
                  .compose(known -> answer(image, asked, known));
            });
  }

  private Future<Answer> answer(Image image, Analyze asked, Optional<Known> nearest) {
    String phash = image.hash().toString();
    if (nearest.isEmpty()) {
      return config.hasAnalyser()
          ? jobs.begin(image, asked).map(job -> new Answer(phash, null, 0, job))
          : Future.failedFuture(noAnalyser());
    }
    Known known = nearest.get();
    var answer = new Answer(phash, known.analysis(), known.distance(), null);
    if (known.distance() == 0) {
      tally.count(Kind.HITS);
      return again(known).map(answer);
    }
    tally.count(Kind.NEAR_HITS);
    if (!config.hasAnalyser()
        || RandomGenerator.getDefault().nextInt(HUNDRED) >= config.samplePercent()) {
      return Future.succeededFuture(answer);
    }
    // The file lives as long as the answer is waited for, so it has to be kept before.
    return jobs.sample(image, asked, known)
        .onFailure(t -> LOG.warn("A near hit could not be sampled", t))
        .transform(begun -> Future.succeededFuture(answer));
  }

  private Future<Answer> getSlowly(String phash) {
    return database
        .run(db -> ImageUploadRepository.waiting(db, phash, JOBS_LOOKED_AT))
        .compose(
            jobs ->
                known(phash)
                    .compose(
                        known ->
                            known.isPresent()
                                ? Future.succeededFuture(known.get())
                                : running(phash, jobs, 0, false)));
  }

  /** What PostgreSQL knows of exactly this hash. */
  private Future<Optional<Answer>> known(String phash) {
    return nearest(phash, 0)
        .compose(
            known ->
                known.isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : again(known.get())
                        .map(Optional.of(new Answer(phash, known.get().analysis(), 0, null))));
  }

  /**
   * The first of these jobs that has not ended. An image without a job hides no other: it is there
   * a moment before its job is, and longer when a process died in between.
   *
   * @param ended whether one before has
   */
  private Future<Answer> running(String phash, List<UUID> jobs, int at, boolean ended) {
    if (at == jobs.size()) {
      return ended ? ended(phash) : Future.failedFuture(unknown());
    }
    return bus.ask(JobsApi.GET, new GetJob(jobs.get(at)))
        .map(Optional::of)
        .recover(ImageService::noneIfUnknown)
        .compose(
            job ->
                job.isPresent() && !job.get().state().isFinal()
                    ? Future.succeededFuture(new Answer(phash, null, 0, job.get().id()))
                    : running(phash, jobs, at + 1, ended || job.isPresent()));
  }

  /** A job that has ended since it was looked for has left its analysis, unless it has failed. */
  private Future<Answer> ended(String phash) {
    return known(phash)
        .map(
            known ->
                known.orElseThrow(
                    () ->
                        Failure.of(
                            ErrorCode.NOT_FOUND, "The analysis has failed; send the image again")));
  }

  private static Future<Optional<Job>> noneIfUnknown(Throwable t) {
    return Failure.from(t).code() == ErrorCode.NOT_FOUND
        ? Future.succeededFuture(Optional.empty())
        : Future.failedFuture(t);
  }

  private static Failure unknown() {
    return Failure.of(ErrorCode.NOT_FOUND, "Nothing is known of an image with this hash");
  }

  /** Redis has lost it, so it is written there again. */
  private Future<Void> again(Known known) {
    Duration left = config.keep().minus(Duration.between(known.analyzedAt(), clock.instant()));
    return cache.keep(known.phash(), known.analysis(), left);
  }

  private Future<Optional<Known>> nearest(String phash, int distance) {
    return database.run(db -> ImageRepository.nearest(db, phash, distance, notBefore()));
  }

  private void countSample(Boolean agrees) {
    if (agrees != null) {
      tally.count(Kind.SAMPLES);
      if (!agrees) {
        tally.count(Kind.DISAGREEMENTS);
      }
    }
  }

  private Instant notBefore() {
    return clock.instant().minus(config.keep());
  }

  private static Failure noAnalyser() {
    return Failure.retryAfter(
        ErrorCode.NOT_CONFIGURED,
        "This image is not known, and no analyser is configured (images.url)",
        LOOK_AGAIN);
  }
}
