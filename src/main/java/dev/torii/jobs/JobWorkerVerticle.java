package dev.torii.jobs;

import dev.torii.bus.Bus;
import dev.torii.config.JobsConfig;
import dev.torii.config.RedisConfig;
import dev.torii.failure.Trouble;
import dev.torii.jobs.JobRepository.Inserted;
import dev.torii.jobs.JobsApi.Job;
import dev.torii.jobs.JobsApi.Ring;
import dev.torii.postgres.Database;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisApi.ChannelMessage;
import dev.torii.redis.RedisApi.Subscribe;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers for jobs on the bus, and runs them. */
public final class JobWorkerVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(JobWorkerVerticle.class);
  private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);

  private final Bus bus;
  private final Database database;
  private final JobsConfig config;
  private final RedisConfig redis;
  private final List<JobHandler> builtIn;
  private final Function<Vertx, JobNews> toNews;
  private final JobManagement management;
  private final JobMetrics metrics;
  private JobNews news;
  private JobBell bell;
  private JobWorkers workers;
  private JobSweeper sweeper;

  /**
   * @param builtIn handlers beside those of the operator's jars
   * @param toNews called once, on the context of the verticle
   */
  JobWorkerVerticle(
      Bus bus,
      Database database,
      JobsConfig config,
      RedisConfig redis,
      MeterRegistry registry,
      List<JobHandler> builtIn,
      Function<Vertx, JobNews> toNews) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.redis = redis;
    this.management = new JobManagement(bus, database);
    this.builtIn = builtIn;
    this.toNews = toNews;
    this.metrics = new JobMetrics(registry);
  }

  /** Fails with IllegalArgumentException when the configuration of jobs is wrong. */
  @Override
  public Future<?> start() {
    return vertx.executeBlocking(() -> JobTypes.load(config, builtIn)).map(this::begin);
  }

  private JobTypes begin(JobTypes types) {
    news = toNews.apply(vertx);
    bell = new JobBell(vertx, bus, new RedisClient(vertx, bus, redis.coalesce()));
    sweeper = new JobSweeper(vertx, database, config, this::swept, news::doubt, this::lookForAll);
    workers =
        new JobWorkers(
            vertx,
            database,
            config,
            types,
            UUID.randomUUID(),
            bell,
            news,
            metrics,
            sweeper::dueIn,
            new JobThreads());
    var intake = new JobIntake(database, metrics, this::handedIn, news::doubt, bus.timeout());
    var service =
        new JobService(database, types, intake, this::queuedAgain, this::cancelled, news::doubt);
    bus.answer(JobWorkerVerticle.class, JobsApi.ENQUEUE, service::enqueue);
    bus.answer(JobWorkerVerticle.class, JobsApi.GET, service::get);
    bus.answer(JobWorkerVerticle.class, JobsApi.CANCEL, service::cancel);
    bus.answer(JobWorkerVerticle.class, JobsApi.RETRY, service::retry);
    management.start(types);
    bus.listen(JobsApi.RING, this::ring);
    bus.listen(RedisApi.MESSAGE, this::heard);
    bus.ask(RedisApi.SUBSCRIBE, new Subscribe(Keys.JOB_CANCELS))
        .onFailure(t -> Trouble.warn(LOG, "Cancellations of other processes come late", t));
    sweeper.start();
    if (config.workers()) {
      bell.follow(workers::hungry, workers::look);
    }
    return types;
  }

  @Override
  public Future<?> stop() {
    if (workers == null) {
      return Future.succeededFuture();
    }
    bell.stop();
    Future<?> swept = sweeper.stop();
    return workers
        .stop()
        .eventually(() -> Future.any(swept, vertx.timer(DRAIN_PATIENCE.toMillis())))
        .eventually(() -> news.drain(DRAIN_PATIENCE));
  }

  private void lookForAll() {
    workers.look(null);
  }

  private void handedIn(List<NewEntry> entries, Inserted inserted) {
    List<JobChange> changes = new ArrayList<>(entries.size());
    Map<String, List<UUID>> due = new HashMap<>();
    for (NewEntry entry : entries) {
      boolean later = inserted.later().contains(entry.id());
      changes.add(
          new JobChange(
              entry.id(),
              entry.type(),
              later ? JobState.SCHEDULED : JobState.QUEUED,
              0,
              entry.asked().owner(),
              inserted.at(),
              inserted.at(),
              null,
              null,
              0));
      if (later) {
        sweeper.dueIn(Duration.between(inserted.at(), entry.asked().runAt()).toMillis());
      } else {
        due.computeIfAbsent(entry.type(), type -> new ArrayList<>()).add(entry.id());
      }
    }
    news.changed(changes);
    ring(due);
  }

  private void swept(List<JobChange> changes) {
    news.changed(changes);
    Map<String, List<UUID>> due = new HashMap<>();
    changes.stream()
        .filter(change -> change.state() == JobState.QUEUED)
        .forEach(
            change ->
                due.computeIfAbsent(change.type(), type -> new ArrayList<>()).add(change.id()));
    ring(due);
  }

  private void queuedAgain(Job job) {
    news.changed(List.of(change(job, null)));
    ring(Map.of(job.type(), List.of(job.id())));
  }

  private void cancelled(Job job) {
    if (job.state() == JobState.RUNNING) {
      workers.cancelAsked(job.id());
      bell.cancel(job.id());
    } else {
      news.changed(List.of(change(job, JobFault.cancelled(job.cancelReason()))));
    }
  }

  private static JobChange change(Job job, JobFault fault) {
    return new JobChange(
        job.id(),
        job.type(),
        job.state(),
        job.attempt(),
        job.owner(),
        job.createdAt(),
        job.updatedAt(),
        null,
        fault,
        0);
  }

  private void ring(Ring ring) {
    if (ring.ids().isEmpty()) {
      workers.look(ring.type());
    } else {
      ring(Map.of(ring.type(), ring.ids()));
    }
  }

  private void ring(Map<String, List<UUID>> due) {
    if (!due.isEmpty()) {
      bell.ring(due);
      Set<String> types = new HashSet<>(due.keySet());
      types.forEach(workers::look);
    }
  }

  private void heard(ChannelMessage message) {
    if (message.channel().equals(Keys.JOB_CANCELS)) {
      try {
        workers.cancelAsked(UUID.fromString(message.body()));
      } catch (IllegalArgumentException e) {
        LOG.debug("Not the id of a job: {}", message.body(), e);
      }
    }
  }
}
