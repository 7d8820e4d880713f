package dev.torii.jobs;

import dev.torii.jobs.JobNewsRepository.Told;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells jobs again, as the ledger has them, when they may not have been told.
 *
 * <ul>
 *   <li>Redis was away: what changed since.
 *   <li>Redis has lost its keys, which a mark without a life of its own shows: whatever it is to
 *       have, by one process at a time.
 *   <li>A process is silent: what changed since it last had told all. Each says so every second.
 * </ul>
 */
final class JobRetelling {
  private static final Logger LOG = LoggerFactory.getLogger(JobRetelling.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration BEAT_EVERY = Duration.ofSeconds(1);

  /** How long a process may be silent; longer than a pause of its memory. */
  private static final Duration SILENT = Duration.ofSeconds(3);

  /** For which a silent process belongs to the one that tells in its place. */
  private static final Duration TAKEN = Duration.ofSeconds(30);

  /** How much later than its time a change may be committed and said. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  /** Rows that are read at once. */
  private static final int PAGE = 200;

  /** Unfinished jobs of each state that are told; of those that wait longer, their start is. */
  private static final int MOST_UNFINISHED = 100_000;

  /** After a failure: the first pause is a second, each further one longer. */
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  private final Vertx vertx;
  private final Database database;
  private final JobMarks marks;
  private final LongSupplier untoldSince;
  private final Function<List<Told>, Future<Void>> tell;
  private final UUID process = UUID.randomUUID();

  /** Since when something may not be told, as System.nanoTime; null for never. */
  private Long owedSince;

  /** The same of what is being told again. */
  private Long catchingUpSince;

  /** Silent processes in whose place something is owed. */
  private List<UUID> silent = new ArrayList<>();

  /** Whether Redis did not take what it was told last. */
  private boolean away;

  private boolean filling;
  private boolean stopped;

  /** After the last failure to read or tell, 0 for none; and when that was. */
  private long pauseMillis;

  private long failedNanos;

  /**
   * To be made on the context of {@link JobWorkerVerticle}.
   *
   * @param untoldSince when the oldest was said of what waits to be told, 0 for nothing; see
   *     System.nanoTime
   * @param tell tells jobs as the ledger has them; fails when Redis did not take all
   */
  JobRetelling(
      Vertx vertx,
      Database database,
      RedisClient redis,
      LongSupplier untoldSince,
      Function<List<Told>, Future<Void>> tell) {
    this.vertx = vertx;
    this.database = database;
    this.marks = new JobMarks(redis, process);
    this.untoldSince = untoldSince;
    this.tell = tell;
  }

  /** Looks after what is told from now on; nothing waits for it. */
  void start() {
    beat();
    look();
  }

  /** All is told, or another process does it. */
  Future<Void> stop() {
    stopped = true;
    return behindMillis() > 0
        ? Future.succeededFuture()
        : database.run(db -> JobNewsRepository.forget(db, process)).otherwiseEmpty();
  }

  void onLinkUp(RedisApi.LinkUp event) {
    if (away || event.areas().contains(Area.JOBS) || event.areas().contains(Area.RESULTS)) {
      pauseMillis = 0;
      step();
    }
  }

  /** Whether nothing can be told now, and all is told from the ledger later. */
  boolean isAway() {
    return away;
  }

  /**
   * What was said since then may not be told.
   *
   * @param nanos of System.nanoTime
   * @param refused whether Redis did not take it
   */
  void owed(long nanos, boolean refused) {
    owedSince = earlier(owedSince, nanos);
    away |= refused;
  }

  private void look() {
    if (!stopped) {
      step();
      vertx.setTimer(LOOK_EVERY.toMillis(), timer -> look());
    }
  }

  private void step() {
    marks
        .areThere()
        .onSuccess(
            marked -> {
              away = false;
              if (pauseMillis > 0 && millisSince(failedNanos) < pauseMillis) {
                return; // else the same large question would be asked twice a second
              }
              if (owedSince != null && catchingUpSince == null) {
                catchUp();
              }
              if (!marked && !filling) {
                refill();
              }
            })
        .onFailure(t -> LOG.debug("jobs are told again later", t));
  }

  /** What is said from now on is told beside this. */
  private void catchUp() {
    long since = owedSince;
    List<UUID> inPlaceOf = silent;
    catchingUpSince = since;
    owedSince = null;
    silent = new ArrayList<>();
    long millis = millisSince(since) + MARGIN.toMillis();
    LOG.info("Changes of jobs in the last {} s are told to Redis again", millis / 1_000);
    database
        .run(db -> JobNewsRepository.beforeNow(db, millis))
        .compose(this::retellSince)
        .compose(told -> forget(inPlaceOf))
        .onComplete(
            done -> {
              catchingUpSince = null;
              rested(done.succeeded());
              if (done.failed()) {
                LOG.debug("jobs are told again later", done.cause());
                owedSince = earlier(owedSince, since);
                silent.addAll(inPlaceOf);
              }
            });
  }

  private Future<Void> retellSince(Instant since) {
    return retellEnded(since, Told.NEWEST, JobRetelling::always)
        .compose(
            told ->
                database.run(db -> JobNewsRepository.unfinishedSince(db, since, MOST_UNFINISHED)))
        .compose(ids -> retellUnfinished(ids, 0, JobRetelling::always));
  }

  private void rested(boolean succeeded) {
    failedNanos = System.nanoTime();
    pauseMillis = succeeded ? 0 : Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis + 1_000);
  }

  private Future<Void> forget(List<UUID> processes) {
    Future<Void> all = Future.succeededFuture();
    for (UUID one : processes) {
      all = all.compose(before -> database.run(db -> JobNewsRepository.forget(db, one)));
    }
    return all;
  }

  private void refill() {
    filling = true;
    marks
        .hold(false)
        .compose(held -> held ? fill() : Future.succeededFuture()) // else another process is at it
        .onFailure(t -> LOG.debug("Redis is told of all jobs later", t))
        .onComplete(
            done -> {
              filling = false;
              rested(done.succeeded());
            });
  }

  private Future<Void> fill() {
    Supplier<Future<Boolean>> stillHeld = () -> marks.hold(true);
    return database
        .run(db -> JobNewsRepository.unfinished(db, MOST_UNFINISHED))
        .onSuccess(JobMarks::sayMissing)
        .compose(ids -> retellUnfinished(ids, 0, stillHeld))
        .compose(
            told ->
                database.run(db -> JobNewsRepository.beforeNow(db, JobNewsCalls.KEPT.toMillis())))
        .compose(since -> retellEnded(since, Told.NEWEST, stillHeld))
        .compose(all -> marks.set());
  }

  private Future<Void> retellUnfinished(List<UUID> ids, int from, Supplier<Future<Boolean>> goOn) {
    if (from >= ids.size()) {
      return Future.succeededFuture();
    }
    int to = Math.min(ids.size(), from + PAGE);
    long startedNanos = System.nanoTime();
    return database
        .run(db -> JobNewsRepository.these(db, ids.subList(from, to)))
        .compose(tell)
        .compose(told -> rest(startedNanos, goOn))
        .compose(rested -> retellUnfinished(ids, to, goOn));
  }

  private Future<Void> retellEnded(Instant since, Told after, Supplier<Future<Boolean>> goOn) {
    long startedNanos = System.nanoTime();
    return database
        .run(db -> JobNewsRepository.ended(db, since, after, PAGE))
        .compose(page -> tell.apply(page).map(page))
        .compose(
            page ->
                page.size() < PAGE
                    ? Future.succeededFuture()
                    : rest(startedNanos, goOn)
                        .compose(rested -> retellEnded(since, page.get(PAGE - 1), goOn)));
  }

  private static Future<Boolean> always() {
    return Future.succeededFuture(true);
  }

  /** Never works longer than it rests, so that neither server is busy with this alone. */
  private Future<Void> rest(long startedNanos, Supplier<Future<Boolean>> goOn) {
    return vertx
        .timer(Math.max(1, millisSince(startedNanos)), TimeUnit.MILLISECONDS)
        .compose(rested -> stopped ? Future.succeededFuture(false) : goOn.get())
        .compose(
            goes ->
                goes
                    ? Future.succeededFuture()
                    : Future.failedFuture("the process stops, or Redis lost its keys again"));
  }

  private void beat() {
    if (stopped) {
      return;
    }
    database
        .run(db -> JobNewsRepository.beat(db, process, behindMillis()))
        .compose(
            alive ->
                database.run(
                    db -> JobNewsRepository.takeDead(db, SILENT.toMillis(), TAKEN.toMillis())))
        .compose(dead -> dead.isPresent() ? inPlaceOf(dead.get()) : Future.succeededFuture())
        .onFailure(t -> LOG.debug("who tells of jobs is not known", t))
        .onComplete(done -> vertx.setTimer(BEAT_EVERY.toMillis(), timer -> beat()));
  }

  /** Its last changes may be told by nobody. */
  private Future<Void> inPlaceOf(JobNewsRepository.Dead dead) {
    LOG.info("Another process stalls, or ended without a word; what it left untold is told");
    silent.add(dead.process());
    owed(System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(dead.behindMillis()), false);
    step();
    return Future.succeededFuture();
  }

  /** How old the oldest change is that may not be told. */
  private long behindMillis() {
    Long since = earlier(owedSince, catchingUpSince);
    long untold = untoldSince.getAsLong();
    since = untold == 0 ? since : earlier(since, untold);
    return since == null ? 0 : Math.max(1, millisSince(since));
  }

  private static Long earlier(Long one, Long other) {
    return one == null || (other != null && other - one < 0) ? other : one;
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }
}
