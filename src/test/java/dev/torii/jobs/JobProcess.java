package dev.torii.jobs;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.config.JobsConfig;
import dev.torii.config.PgConfig;
import dev.torii.jobs.JobsApi.CancelJob;
import dev.torii.jobs.JobsApi.Enqueue;
import dev.torii.jobs.JobsApi.GetJob;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.Place;
import dev.torii.postgres.Database;
import dev.torii.testing.ConnectedRedis;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The part of one process of Torii that runs jobs; several share a database and a Redis. */
final class JobProcess implements AutoCloseable {
  static final UUID OWNER = UUID.randomUUID();

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final ConnectedRedis redis;
  final Database database;
  final Queue<JobChange> told = new ConcurrentLinkedQueue<>();
  final Queue<Integer> progress = new ConcurrentLinkedQueue<>();
  final Queue<UUID> lost = new ConcurrentLinkedQueue<>();
  private final String deployment;
  private boolean stopped;

  JobProcess(JobTables tables, String redisUri, JobsConfig config, JobHandler... handlers) {
    this(
        new PgConfig(tables.uri, 4, 1_000, PATIENCE, PATIENCE, PATIENCE),
        redisUri,
        config,
        handlers);
  }

  /** One with other deadlines, or another way to the database. */
  JobProcess(PgConfig pg, String redisUri, JobsConfig config, JobHandler... handlers) {
    redis = ConnectedRedis.to(redisUri);
    database = new Database(redis.vertx(), pg.uri(), pg, redis.registry());
    var verticle =
        new JobWorkerVerticle(
            redis.bus(),
            database,
            config,
            ConnectedRedis.settings(redisUri, Duration.ofMillis(500), Map.of()),
            redis.registry(),
            List.of(handlers),
            vertx -> new Recorder());
    deployment = await(redis.vertx().deployVerticle(verticle));
  }

  /** A lease of 1.5 s, a look each 100 ms, the handlers of a directory or none. */
  static JobsConfig config(String handlersDir, String... concurrency) {
    return config(handlersDir, Duration.ofMillis(1_500), 5, concurrency);
  }

  /** With another lease, and so many lines of each log. */
  static JobsConfig config(
      String handlersDir, Duration lease, int maxLogLines, String... concurrency) {
    return new JobsConfig(
        true,
        handlersDir,
        List.of(concurrency),
        lease,
        Duration.ofMillis(100),
        Duration.ofMillis(600),
        65_536,
        maxLogLines,
        Duration.ofDays(7),
        Duration.ofDays(7),
        Duration.ofDays(90));
  }

  UUID enqueue(String type, JsonObject payload) {
    return enqueue(NewJob.of(type, payload, OWNER)).id();
  }

  Place enqueue(NewJob job) {
    return ask(JobsApi.ENQUEUE, Enqueue.one(job)).jobs().get(0);
  }

  Job get(UUID id) {
    return ask(JobsApi.GET, new GetJob(id));
  }

  Job cancel(UUID id, String reason, Duration grace) {
    return ask(JobsApi.CANCEL, new CancelJob(id, reason, grace));
  }

  <Q extends BusMessage, R extends BusMessage> R ask(Address<Q, R> address, Q question) {
    return await(redis.bus().ask(address, question));
  }

  List<JobState> toldOf(UUID id) {
    return told.stream().filter(one -> one.id().equals(id)).map(JobChange::state).toList();
  }

  double counted(String outcome) {
    return redis.registry().find("torii.jobs.ended").tag("outcome", outcome).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  /** A stop in good order. */
  void stop() {
    if (!stopped) {
      stopped = true;
      await(redis.vertx().undeploy(deployment));
    }
  }

  @Override
  public void close() {
    stop();
    redis.close();
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  private final class Recorder implements JobNews {
    @Override
    public void changed(List<JobChange> changes) {
      told.addAll(changes);
    }

    @Override
    public void lost(UUID id) {
      lost.add(id);
    }

    @Override
    public void progressed(UUID id, int attempt, int percent, String stage, String message) {
      progress.add(percent);
    }

    @Override
    public Future<Void> drain(Duration patience) {
      return Future.succeededFuture();
    }
  }
}
