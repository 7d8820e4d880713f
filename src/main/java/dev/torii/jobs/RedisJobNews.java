package dev.torii.jobs;

import dev.torii.bus.Bus;
import dev.torii.jobs.JobNewsRepository.Told;
import dev.torii.postgres.Database;
import dev.torii.realtime.RealtimeApi;
import dev.torii.realtime.RealtimeApi.Publish;
import dev.torii.realtime.RealtimeApi.PublishAll;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Redis, Celery clients and those who follow topics what becomes of jobs.
 *
 * <p>One wave at a time: what is said while one is under way follows in the next, of each job only
 * the latest state and progress, and every end. A wave is followed by a pause that grows with its
 * size, so that few jobs are told at once, and of many thousand a second the states between are
 * left out. What Redis did not take is not kept, but when that began: {@link JobRetelling} then
 * tells it from the ledger.
 */
final class RedisJobNews implements JobNews {
  private static final Logger LOG = LoggerFactory.getLogger(RedisJobNews.class);

  /** Jobs of one wave, four or five commands each: a few milliseconds of Redis. */
  private static final int WAVE = 400;

  /** For each job told, and at most, unless a whole wave waits already. */
  private static final long PAUSE_MICROS = 50;

  private static final long LONGEST_PAUSE_MILLIS = 20;

  /** Bounds of what waits to be told. */
  private static final int MOST_JOBS = 50_000;

  private static final long MOST_CHARACTERS = 16L << 20;

  /** How much later than it was given up a statement may be committed all the same. */
  private static final Duration LATE_COMMIT = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final Bus bus;
  private final RedisClient redis;
  private final JobFeeds feeds;
  private final JobRetelling retelling;
  private final RunningJobs running = new RunningJobs();
  private final List<Promise<Void>> drained = new ArrayList<>();
  private Map<UUID, Untold> untold = new LinkedHashMap<>();

  /** Of the results among what is untold. */
  private long characters;

  /** When the oldest of the wave under way was said. */
  private long waveSince;

  private boolean telling;
  private boolean planned;
  private boolean draining;

  /** To be made on the context of {@link JobWorkerVerticle}, where it begins at once. */
  RedisJobNews(Vertx vertx, Bus bus, Database database, boolean coalesce, JobPresent present) {
    this.vertx = vertx;
    this.bus = bus;
    this.feeds = new JobFeeds(present);
    this.redis = new RedisClient(vertx, bus, coalesce);
    this.retelling = new JobRetelling(vertx, database, redis, this::behindSince, this::retell);
    bus.listen(RedisApi.LINK_UP, retelling::onLinkUp);
    bus.listen(CHANGED, changes -> changed(changes.jobs()));
    present.start(redis, running);
    retelling.start();
  }

  @Override
  public void changed(List<JobChange> changes) {
    for (JobChange job : changes) {
      JobProgress last = running.changed(job);
      if (!retelling.isAway()) {
        Untold one = untold(job.id());
        characters += one.add(job, last);
      }
    }
    plan();
  }

  @Override
  public void lost(UUID id) {
    running.lost(id);
  }

  @Override
  public void progressed(UUID id, int attempt, int percent, String stage, String message) {
    JobProgress progress = running.progressed(id, attempt, percent, stage, message);
    if (progress != null && !retelling.isAway()) {
      untold(id).progress = progress;
      plan();
    }
  }

  @Override
  public void doubt(long sinceNanos) {
    retelling.owed(sinceNanos, false);
    vertx.setTimer(LATE_COMMIT.toMillis(), late -> retelling.owed(sinceNanos, false));
  }

  @Override
  public Future<Void> drain(Duration patience) {
    draining = true;
    Promise<Void> done = Promise.promise();
    long timer = vertx.setTimer(patience.toMillis(), late -> done.tryComplete());
    drained.add(done);
    plan();
    return done.future()
        .onComplete(ended -> vertx.cancelTimer(timer))
        .compose(ended -> retelling.stop());
  }

  /** When the oldest was said of what is not told yet, 0 when all is; see System.nanoTime. */
  private long behindSince() {
    return telling ? waveSince : untold.isEmpty() ? 0 : oldestSince();
  }

  private long oldestSince() {
    return untold.values().iterator().next().sinceNanos;
  }

  /** Tells jobs as the ledger has them, beside what goes on; fails when Redis did not take all. */
  private Future<Void> retell(List<Told> jobs) {
    var wave = new JobNewsWave(feeds);
    for (Told one : jobs) {
      UUID id = one.job().id();
      add(id, () -> wave.retold(one, running.progress(id)));
    }
    return send(wave);
  }

  private Untold untold(UUID id) {
    if (untold.size() >= MOST_JOBS || characters > MOST_CHARACTERS) {
      LOG.warn("{} jobs wait to be told; they are told from the ledger", untold.size());
      owe(behindSince(), false);
    }
    return untold.computeIfAbsent(id, first -> new Untold());
  }

  private void owe(long sinceNanos, boolean refused) {
    untold = new LinkedHashMap<>();
    characters = 0;
    retelling.owed(sinceNanos, refused);
  }

  private void plan() {
    if (telling || planned) {
      return;
    }
    if (untold.isEmpty()) {
      drained.forEach(Promise::tryComplete);
      drained.clear();
      return;
    }
    planned = true;
    vertx.runOnContext(turn -> tell());
  }

  private void tell() {
    planned = false;
    if (untold.isEmpty()) {
      plan();
      return;
    }
    telling = true;
    waveSince = oldestSince();
    var wave = new JobNewsWave(feeds);
    Iterator<Map.Entry<UUID, Untold>> oldest = untold.entrySet().iterator();
    for (int i = 0; i < WAVE && oldest.hasNext(); i++) {
      Map.Entry<UUID, Untold> one = oldest.next();
      oldest.remove();
      characters -= one.getValue().characters;
      add(one.getKey(), () -> tell(wave, one.getKey(), one.getValue()));
    }
    Future.succeededFuture(wave)
        .compose(this::send)
        .onComplete(done -> told(wave.jobs(), done.cause()));
  }

  private void tell(JobNewsWave wave, UUID id, Untold untold) {
    wave.told(untold.changes, untold.progress, running.job(id));
  }

  /** One job that cannot be told must not silence those after it. */
  private static void add(UUID id, Runnable toWave) {
    try {
      toWave.run();
    } catch (RuntimeException e) {
      LOG.error("Job {} cannot be told", id, e);
    }
  }

  private void told(int jobs, Throwable failure) {
    if (failure != null) {
      LOG.debug("jobs are told later", failure);
      owe(waveSince, true);
    }
    boolean more = draining || untold.size() >= WAVE;
    long pauseMillis = more ? 0 : Math.min(LONGEST_PAUSE_MILLIS, jobs * PAUSE_MICROS / 1000);
    if (pauseMillis == 0 || failure != null) {
      telling = false;
      plan();
      return;
    }
    planned = true;
    telling = false;
    vertx.setTimer(pauseMillis, rested -> tell());
  }

  private Future<Void> send(JobNewsWave wave) {
    Future<Void> written = redis.wave(wave.calls()).compose(RedisJobNews::requireTaken);
    List<Publish> news = wave.news();
    Future<Void> published =
        news.isEmpty()
            ? Future.succeededFuture()
            : bus.ask(RealtimeApi.PUBLISH_ALL, new PublishAll(news)).mapEmpty();
    return Future.join(written, published).mapEmpty();
  }

  /** What stands where another kind of value should can never be told; the rest can. */
  private static Future<Void> requireTaken(List<RedisResult> results) {
    return RedisResult.requireAll(
        results.stream().filter(result -> !result.foundAnotherKind()).toList());
  }

  /** What is to be told of one job. */
  private static final class Untold {
    /** When the first of it was said. */
    private final long sinceNanos = System.nanoTime();

    /** Ends, and what followed the last of them. */
    private final List<JobChange> changes = new ArrayList<>(1);

    /** Null when nothing new was said. */
    private JobProgress progress;

    /** Of the results in it. */
    private long characters;

    /** Tells how many characters it has more now. */
    int add(JobChange job, JobProgress last) {
      int newest = changes.size() - 1;
      if (newest >= 0 && !changes.get(newest).state().isFinal()) {
        changes.set(newest, job);
      } else {
        changes.add(job);
      }
      if (job.state() == JobState.SUCCEEDED && last != null && last.percent() < 100) {
        progress = last.complete(job.updatedAt());
      } else if (job.state() == JobState.RUNNING) {
        progress =
            job.attempt() > 1
                ? new JobProgress(job.attempt(), 0, null, null, job.updatedAt())
                : null;
      } else if (progress == null) {
        progress = last;
      }
      int more = job.result() == null ? 0 : job.result().length();
      characters += more;
      return more;
    }
  }
}
