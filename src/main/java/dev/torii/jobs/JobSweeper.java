package dev.torii.jobs;

import dev.torii.config.JobsConfig;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
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

  private final Vertx vertx;
  private final Database database;
  private final JobsConfig config;
  private final Consumer<List<JobChange>> onChanges;
  private final LongConsumer onDoubt;
  private final Runnable afterwards;
  private final JobRetention retention;
  private boolean sweeping;
  private boolean stopped;
  private long timer = -1;
  private long timerAtNanos;
  private Future<Void> last = Future.succeededFuture();

  /**
   * @param onChanges hears what was committed
   * @param onDoubt hears since when jobs may have been changed without an answer
   * @param afterwards runs after each look
   */
  JobSweeper(
      Vertx vertx,
      Database database,
      JobsConfig config,
      Consumer<List<JobChange>> onChanges,
      LongConsumer onDoubt,
      Runnable afterwards) {
    this.vertx = vertx;
    this.database = database;
    this.config = config;
    this.onChanges = onChanges;
    this.onDoubt = onDoubt;
    this.afterwards = afterwards;
    this.retention = new JobRetention(database, config);
  }

  void start() {
    plan(0);
  }

  /** Completes when no statement is under way, and none follows. */
  Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return last;
  }

  /** A job is due in so many milliseconds: the next look is no later. */
  void dueIn(long millis) {
    if (millis >= config.sweep().toMillis()) {
      return; // another look comes before
    }
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
    last =
        all(JobSweepRepository::due)
            .compose(v -> all(JobSweepRepository::overdue))
            .compose(v -> all(JobSweepRepository::abandoned))
            .compose(v -> stopped ? Future.succeededFuture() : retention.run())
            .compose(v -> nextDue())
            .onFailure(t -> LOG.debug("The look for jobs failed", t))
            .otherwise((Double) null)
            .onSuccess(this::swept)
            .mapEmpty();
  }

  private Future<Double> nextDue() {
    return stopped ? Future.succeededFuture(null) : database.run(JobSweepRepository::nextDue);
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
    if (stopped) {
      return Future.succeededFuture();
    }
    long sentNanos = System.nanoTime();
    return database
        .run(db -> statement.run(db, MOST_AT_ONCE))
        .onFailure(LostAnswer.to(onDoubt, sentNanos))
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
}
