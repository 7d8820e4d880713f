package dev.torii.jobs;

import dev.torii.config.JobsConfig;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again for jobs whose time has come, whose process is gone, or that should have
 * ended, and deletes those that ended long ago. Every process does it. Used on one context.
 */
final class JobSweeper {
  private static final Logger LOG = LoggerFactory.getLogger(JobSweeper.class);
  private static final int MOST_AT_ONCE = 1_000;
  private static final long SOONEST_MILLIS = 10;
  private static final Duration DELETE_EVERY = Duration.ofMinutes(1);

  private final Vertx vertx;
  private final Database database;
  private final JobsConfig config;
  private final Consumer<List<JobChange>> onChanges;
  private final Runnable afterwards;
  private boolean sweeping;
  private boolean stopped;
  private long timer = -1;
  private long timerAtNanos;
  private long deletedNanos = System.nanoTime();

  /**
   * @param onChanges hears what was committed
   * @param afterwards runs after each look
   */
  JobSweeper(
      Vertx vertx,
      Database database,
      JobsConfig config,
      Consumer<List<JobChange>> onChanges,
      Runnable afterwards) {
    this.vertx = vertx;
    this.database = database;
    this.config = config;
    this.onChanges = onChanges;
    this.afterwards = afterwards;
  }

  void start() {
    plan(0);
  }

  void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
  }

  /** A job is due in so many milliseconds: the next look is no later. */
  void dueIn(long millis) {
    long soon = Math.max(SOONEST_MILLIS, millis + 1);
    if (!stopped && !sweeping && timerAtNanos - System.nanoTime() > soon * 1_000_000) {
      plan(soon);
    }
  }

  private void plan(long millis) {
    vertx.cancelTimer(timer);
    timerAtNanos = System.nanoTime() + millis * 1_000_000;
    timer = vertx.setTimer(Math.max(1, millis), due -> sweep());
  }

  private void sweep() {
    sweeping = true;
    all(JobSweepRepository::due)
        .compose(v -> all(JobSweepRepository::overdue))
        .compose(v -> all(JobSweepRepository::abandoned))
        .compose(v -> deleteOld())
        .compose(v -> database.run(JobSweepRepository::nextDue))
        .onFailure(t -> LOG.debug("The look for jobs failed", t))
        .otherwise((Double) null)
        .onSuccess(this::swept);
  }

  private void swept(Double nextDueMillis) {
    sweeping = false;
    if (stopped) {
      return;
    }
    long pause = config.sweep().toMillis();
    if (nextDueMillis != null && nextDueMillis < pause) {
      pause = Math.max(SOONEST_MILLIS, (long) Math.ceil(nextDueMillis));
    }
    plan(pause);
    afterwards.run();
  }

  /** One statement after the other while each finds as many as it may. */
  private Future<Void> all(Statement statement) {
    return database
        .run(db -> statement.run(db, MOST_AT_ONCE))
        .compose(
            changes -> {
              if (!changes.isEmpty()) {
                onChanges.accept(changes);
              }
              return changes.size() < MOST_AT_ONCE ? Future.succeededFuture() : all(statement);
            });
  }

  private interface Statement {
    Future<List<JobChange>> run(SqlClient db, int most);
  }

  private Future<Void> deleteOld() {
    if (System.nanoTime() - deletedNanos < DELETE_EVERY.toNanos()) {
      return Future.succeededFuture();
    }
    deletedNanos = System.nanoTime();
    List<Function<SqlClient, Future<Integer>>> deletions = new ArrayList<>();
    deletions.add(ended(JobState.SUCCEEDED, config.keepSucceeded()));
    deletions.add(ended(JobState.CANCELLED, config.keepCancelled()));
    deletions.add(ended(JobState.FAILED, config.keepFailed()));
    deletions.add(ended(JobState.DEAD, config.keepFailed()));
    deletions.add(db -> JobSweepRepository.forgetRequests(db, MOST_AT_ONCE));
    Future<Void> deleted = Future.succeededFuture();
    for (Function<SqlClient, Future<Integer>> deletion : deletions) {
      deleted = deleted.compose(v -> delete(deletion));
    }
    return deleted;
  }

  private Future<Void> delete(Function<SqlClient, Future<Integer>> deletion) {
    return database
        .run(deletion)
        .compose(
            count -> count < MOST_AT_ONCE || stopped ? Future.succeededFuture() : delete(deletion));
  }

  private static Function<SqlClient, Future<Integer>> ended(JobState state, Duration keep) {
    return db ->
        keep.isZero()
            ? Future.succeededFuture(0)
            : JobSweepRepository.deleteEnded(db, state, keep, MOST_AT_ONCE);
  }
}
