package dev.torii.images;

import dev.torii.bus.Deadline;
import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.images.ImagesApi.Analyze;
import dev.torii.images.ImagesApi.Answer;
import dev.torii.images.ImagesApi.GetAnalysis;
import dev.torii.images.ImagesApi.GetStats;
import dev.torii.jobs.JobState;
import dev.torii.jobs.JobsApi;
import dev.torii.jobs.JobsApi.Enqueued;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.Place;
import dev.torii.postgres.Database;
import dev.torii.postgres.Migrations;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Images in one process, with jobs that a test lets run when it wants. */
final class ImageBed implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final RedisProcess redis = TestServices.freshRedis();
  final Map<UUID, NewJob> jobs = new ConcurrentHashMap<>();
  final Map<UUID, JobState> states = new ConcurrentHashMap<>();

  /** What is answered to whoever hands in a job; null for where it is. */
  volatile Failure refusal;

  /** Whether a job that is refused is there all the same. */
  volatile boolean answerLost;

  /** What is answered to whoever asks for a job; null for the job. */
  volatile Failure silence;

  private final ConnectedRedis connected = ConnectedRedis.to(redis.uri());
  private final Database database;
  private final ImagesModule module;

  ImageBed(Map<String, String> settings) throws Exception {
    String uri = TestServices.freshDatabase();
    Migrations.apply(uri);
    Map<String, String> all = new HashMap<>(settings);
    all.put("pg.uri", uri);
    AppConfig config = ConfigBinder.of(all);
    database = new Database(connected.vertx(), uri, config.pg(), connected.registry());
    module = new ImagesModule(connected.bus(), database, config, connected.registry());
    connected.bus().answer(ImageBed.class, JobsApi.ENQUEUE, asked -> begin(asked.jobs().get(0)));
    connected.bus().answer(ImageBed.class, JobsApi.GET, asked -> find(asked.id()));
    await(connected.vertx().deployVerticle(module.verticle()));
  }

  /** A file of the reference images. */
  static Path file(String name) {
    return Path.of("src/test/resources/phash", name);
  }

  Future<Answer> ask(String file) {
    return ask(file(file));
  }

  Future<Answer> ask(Path file) {
    return connected.bus().ask(ImagesApi.ANALYZE, new Analyze(file, null, Deadline.in(PATIENCE)));
  }

  Answer analyze(String file) {
    return await(ask(file));
  }

  Answer get(String phash) {
    return await(connected.bus().ask(ImagesApi.GET, new GetAnalysis(phash)));
  }

  Future<?> forget(UUID jobId) {
    return connected.bus().ask(ImagesApi.FORGET, new ImagesApi.Forget(jobId));
  }

  JsonObject stats() {
    return await(connected.bus().ask(ImagesApi.STATS, new GetStats())).json();
  }

  /** Runs an attempt of a job here and now. */
  JsonObject run(UUID jobId) throws Exception {
    var attempt = new FakeJob(jobId, jobs.get(jobId).payload());
    states.put(jobId, JobState.RUNNING);
    JsonObject result = module.handlers().get(0).run(attempt);
    states.put(jobId, JobState.SUCCEEDED);
    return result;
  }

  ImageRetention retention() {
    return new ImageRetention(
        connected.vertx(), database, connected.bus(), Duration.ofDays(7), 200, Clock.systemUTC());
  }

  /** The jobs whose images are kept. */
  List<UUID> kept() {
    return await(
        database
            .run(db -> db.query("SELECT job_id FROM image_upload").execute())
            .map(rows -> rows.stream().map(row -> row.getUUID("job_id")).toList()));
  }

  void sql(String statement) {
    await(database.run(db -> db.query(statement).execute()));
  }

  double counted(String kind) {
    return connected.registry().get("torii.images").tag("kind", kind).counter().count();
  }

  Object redis(String... command) throws IOException {
    return redis.probe().ask(command);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  private synchronized Future<Enqueued> begin(NewJob job) {
    if (refusal != null && !answerLost) {
      return Future.failedFuture(refusal);
    }
    for (NewJob other : jobs.values()) {
      if (other.uniqueKey().equals(job.uniqueKey()) && !states.get(other.id()).isFinal()) {
        return placed(other.id(), true);
      }
    }
    jobs.put(job.id(), job);
    states.put(job.id(), JobState.QUEUED);
    return placed(job.id(), false);
  }

  private Future<Enqueued> placed(UUID id, boolean existing) {
    var place = new Place(id, states.get(id), existing);
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    return Future.succeededFuture(new Enqueued(List.of(place)));
  }

  private Future<Job> find(UUID id) {
    if (silence != null) {
      return Future.failedFuture(silence);
    }
    if (!states.containsKey(id)) {
      return Future.failedFuture(Failure.of(ErrorCode.NOT_FOUND, "There is no job " + id));
    }
    return Future.succeededFuture(
        new Job(
            id,
            ImageHandler.TYPE,
            states.get(id),
            0,
            null,
            null,
            1,
            4,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null));
  }

  @Override
  public void close() {
    await(database.close());
    connected.close();
    redis.close();
  }
}
