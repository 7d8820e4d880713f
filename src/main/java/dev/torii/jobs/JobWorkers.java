package dev.torii.jobs;

import dev.torii.config.JobsConfig;
import dev.torii.jobs.AttemptWriter.Audience;
import dev.torii.postgres.Database;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims jobs, has them run, and hands what became of them to the {@link AttemptWriter}. Used on
 * one context, which the threads of handlers wake once for all that has ended meanwhile.
 */
final class JobWorkers implements Audience {
  private static final Logger LOG = LoggerFactory.getLogger(JobWorkers.class);

  /** What cannot be written by then is another's when its lease has ended. */
  private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final Context context;
  private final JobsConfig config;
  private final JobBell bell;
  private final JobNews news;
  private final JobMetrics metrics;
  private final AttemptWriter writer;
  private final AttemptWatch watch;
  private final JobClaims claims;
  private final JobThreads threads;
  private final Lanes lanes = new Lanes();
  private final Map<UUID, Attempt> inHand = new HashMap<>();
  private final Queue<Attempt> done = new ConcurrentLinkedQueue<>();
  private final Queue<Attempt> talking = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final LongConsumer dueIn;
  private Promise<Void> idle; // null until it stops

  /**
   * @param dueIn told in how many milliseconds a job is due that waits for its time
   * @param threads closed with the workers
   */
  JobWorkers(
      Vertx vertx,
      Database database,
      JobsConfig config,
      JobTypes types,
      UUID worker,
      JobBell bell,
      JobNews news,
      JobMetrics metrics,
      LongConsumer dueIn,
      JobThreads threads) {
    this.dueIn = dueIn;
    this.threads = threads;
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.config = config;
    var repository = new JobRunRepository(worker);
    this.bell = bell;
    this.news = news;
    this.metrics = metrics;
    this.writer =
        new AttemptWriter(vertx, database, repository, config.lease(), config.maxLogLines(), this);
    this.claims =
        new JobClaims(
            database,
            repository,
            config.lease(),
            lanes.all(),
            inHand::keySet,
            this::claimed,
            news::doubt);
    this.watch = new AttemptWatch(this, lanes, writer, news, metrics, config.lease());
    if (config.workers()) {
      var runner = new AttemptRunner(config.maxResultBytes());
      for (JobType type : types.all()) {
        var pool = threads.of(type.options().concurrency());
        lanes.add(type, runner, pool, this::ended);
      }
    }
    metrics.running(inHand::size);
    vertx.setPeriodic(watch.periodMillis(), tick -> watch.look());
  }

  /** There may be jobs of this type, or of any when it is null. */
  void look(String type) {
    lanes.ring(type);
    claims.next();
  }

  /** Types of which there is room for another job. */
  List<String> hungry() {
    return idle != null ? List.of() : lanes.hungry();
  }

  /** A job is to end; the database knows when and why. */
  void cancelAsked(UUID id) {
    if (inHand.containsKey(id)) {
      writer.beat();
    }
  }

  /** Takes no more jobs, gives those that run some time, and hands the rest back. */
  Future<Void> stop() {
    idle = Promise.promise();
    for (Attempt attempt : List.copyOf(inHand.values())) {
      attempt.askToStop();
      if (!attempt.hasStarted()) {
        handBack(attempt);
      }
    }
    return claims
        .stop()
        .compose(v -> idleOrGraceOver())
        .eventually(this::handAllBack)
        .onComplete(v -> threads.close())
        .mapEmpty();
  }

  private Future<Void> idleOrGraceOver() {
    settleIdle();
    long grace = Math.max(1, config.shutdownGrace().toMillis());
    return Future.any(idle.future(), vertx.timer(grace)).mapEmpty();
  }

  private Future<Void> handAllBack() {
    List.copyOf(inHand.values()).forEach(this::handBack);
    return Future.any(writer.drain(), vertx.timer(DRAIN_PATIENCE.toMillis())).mapEmpty();
  }

  private void handBack(Attempt attempt) {
    if (!attempt.settled && !attempt.queued) {
      release(attempt, Outcome.back());
    }
  }

  /** Ends an attempt from outside: what its handler still does is not heard. */
  void release(Attempt attempt, Outcome outcome) {
    giveUpThread(attempt);
    if (attempt.outcome() == null) { // else its handler has just ended, and is heard soon
      attempt.ended(outcome);
      writer.write(attempt);
    }
  }

  /** The thread of an attempt counts no more, whatever it does. */
  void giveUpThread(Attempt attempt) {
    if (attempt.giveUp()) {
      metrics.gaveUpThread();
      leave(attempt);
      attempt.lane.gaveUpThread();
    }
  }

  private void claimed(List<Claimed> jobs, Map<String, Integer> room, long sentNanos) {
    long leaseEndNanos = sentNanos + config.lease().toNanos();
    Map<String, List<Attempt>> byType = new HashMap<>();
    List<JobChange> changes = new ArrayList<>(jobs.size());
    for (Claimed job : jobs) {
      Lane lane = lanes.of(job.type());
      var attempt = new Attempt(job, lane, leaseEndNanos, config.maxLogLines(), this::hasNews);
      giveUpBefore(job.id());
      inHand.put(job.id(), attempt);
      byType.computeIfAbsent(job.type(), type -> new ArrayList<>()).add(attempt);
      changes.add(job.begins());
    }
    room.forEach((type, asked) -> taken(type, asked, byType.getOrDefault(type, List.of())));
    if (!changes.isEmpty()) {
      news.changed(changes);
    }
    if (idle != null) {
      byType.values().forEach(attempts -> attempts.forEach(this::handBack));
    } else {
      byType.forEach((type, attempts) -> lanes.of(type).submit(attempts));
      claims.next();
    }
    metrics.claimed(jobs);
  }

  /** An older attempt of a job that this process has claimed again: nobody looks after it then. */
  private void giveUpBefore(UUID id) {
    Attempt before = inHand.get(id);
    if (before != null && !before.settled && !before.queued) {
      lost(before);
    }
    if (before != null) {
      giveUpThread(before);
    }
  }

  private void taken(String type, int asked, List<Attempt> got) {
    lanes.taken(type, asked, got.size());
    bell.taken(type, got.size());
  }

  /** On any thread: an attempt has ended, or was left. */
  private void ended(Attempt attempt) {
    done.add(attempt);
    wake();
  }

  /** On any thread: an attempt has progress to tell. */
  private void hasNews(Attempt attempt) {
    talking.add(attempt);
    wake();
  }

  private void wake() {
    if (woken.compareAndSet(false, true)) {
      try {
        context.runOnContext(turn -> hear());
      } catch (RejectedExecutionException e) {
        LOG.debug("An attempt that was given up has outlived its process", e);
      }
    }
  }

  private void hear() {
    woken.set(false);
    for (Attempt attempt; (attempt = talking.poll()) != null; ) {
      watch.tell(attempt);
    }
    for (Attempt attempt; (attempt = done.poll()) != null; ) {
      watch.tellNow(attempt);
      if (!attempt.left && attempt.hasStarted()) {
        attempt.lane.took(attempt.tookNanos());
      }
      leave(attempt);
      if (!attempt.settled && !attempt.queued && attempt.outcome() != null) {
        writer.write(attempt);
      }
    }
    settleIdle();
    claims.next();
  }

  /** No thread is in it any more. */
  private void leave(Attempt attempt) {
    if (!attempt.left) {
      attempt.left = true;
      attempt.lane.inHand--;
      forgetIfOver(attempt);
    }
  }

  private void forgetIfOver(Attempt attempt) {
    if (attempt.left && attempt.settled) {
      inHand.remove(attempt.id(), attempt);
      settleIdle();
    }
  }

  private void settleIdle() {
    if (idle != null && inHand.values().stream().allMatch(one -> one.settled || one.queued)) {
      idle.tryComplete();
    }
  }

  @Override
  public Collection<Attempt> attempts() {
    return inHand.values();
  }

  @Override
  public void committed(List<JobChange> changes, List<Attempt> attempts) {
    metrics.ended(changes, attempts);
    news.changed(changes);
    Map<String, List<UUID>> handedBack = new HashMap<>();
    for (Attempt attempt : attempts) {
      JobState state = attempt.outcome().state();
      if (state == JobState.SCHEDULED) {
        dueIn.accept(attempt.outcome().pauseMillis());
      } else if (state == JobState.QUEUED) {
        handedBack.computeIfAbsent(attempt.job.type(), type -> new ArrayList<>()).add(attempt.id());
      }
      forgetIfOver(attempt);
    }
    bell.ring(handedBack);
  }

  @Override
  public void doubt(long sinceNanos) {
    news.doubt(sinceNanos);
  }

  @Override
  public void lost(Attempt attempt) {
    if (!attempt.wasCancelled()) {
      LOG.warn("Attempt {} of job {} was lost to another", attempt.attempt(), attempt.id());
      metrics.lost(attempt);
    }
    if (inHand.get(attempt.id()) == attempt) {
      news.lost(attempt.id()); // else this process has it again
    }
    attempt.settled = true;
    attempt.lose();
    watch.soonGivenUp(attempt);
    context.runOnContext(turn -> forgetIfOver(attempt));
  }

  @Override
  public void cancelAsked(Attempt attempt, String reason, long inMillis) {
    watch.cancel(attempt, reason, inMillis);
  }
}
