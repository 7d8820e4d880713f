package dev.torii.jobs;

import dev.torii.config.JobsConfig;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what ended long ago, in statements that are small enough to end in time: with each job
 * goes its log. One kind that cannot be deleted does not hold up the others. Used on one context.
 */
final class JobRetention {
  private static final Logger LOG = LoggerFactory.getLogger(JobRetention.class);
  private static final int MOST_AT_ONCE = 100;

  /** Of one kind at a time; jobs that are due must not wait for those that are over. */
  private static final int MOST_STATEMENTS = 20;

  private static final int FAILURES_TO_WARN = 3;
  private static final Duration EVERY = Duration.ofMinutes(1);

  private final Database database;
  private final List<Kind> kinds = new ArrayList<>();
  private final LongSupplier nanoTime;
  private long ranNanos;
  private boolean more;

  JobRetention(Database database, JobsConfig config) {
    this(database, config, System::nanoTime);
  }

  JobRetention(Database database, JobsConfig config, LongSupplier nanoTime) {
    this.database = database;
    this.nanoTime = nanoTime;
    this.ranNanos = nanoTime.getAsLong();
    keep(JobState.SUCCEEDED, config.keepSucceeded());
    keep(JobState.CANCELLED, config.keepCancelled());
    keep(JobState.FAILED, config.keepFailed());
    keep(JobState.DEAD, config.keepFailed());
    kinds.add(
        new Kind("keys of requests", db -> JobSweepRepository.forgetRequests(db, MOST_AT_ONCE)));
  }

  private void keep(JobState state, Duration keep) {
    if (!keep.isZero()) {
      kinds.add(
          new Kind(
              state.spelling() + " jobs",
              db -> JobSweepRepository.deleteEnded(db, state, keep, MOST_AT_ONCE)));
    }
  }

  /** Deletes if it is time; never fails. */
  Future<Void> run() {
    if (!more && nanoTime.getAsLong() - ranNanos < EVERY.toNanos()) {
      return Future.succeededFuture();
    }
    ranNanos = nanoTime.getAsLong();
    more = false;
    Future<Void> deleted = Future.succeededFuture();
    for (Kind kind : kinds) {
      deleted = deleted.compose(v -> delete(kind, MOST_STATEMENTS));
    }
    return deleted;
  }

  private Future<Void> delete(Kind kind, int statements) {
    return database
        .run(kind.statement)
        .compose(count -> deleted(kind, count, statements - 1), t -> failed(kind, t));
  }

  private Future<Void> deleted(Kind kind, int count, int statements) {
    kind.failures = 0;
    if (count < MOST_AT_ONCE) {
      return Future.succeededFuture();
    }
    if (statements > 0) {
      return delete(kind, statements);
    }
    more = true; // goes on with the next look
    return Future.succeededFuture();
  }

  private static Future<Void> failed(Kind kind, Throwable t) {
    kind.failures++;
    if (kind.failures >= FAILURES_TO_WARN) {
      LOG.warn("Old {} could not be deleted {} times in a row", kind.name, kind.failures, t);
    } else {
      LOG.debug("Old {} are deleted later", kind.name, t);
    }
    return Future.succeededFuture();
  }

  /** Rows that grow old together. */
  private static final class Kind {
    private final String name;
    private final Function<SqlClient, Future<Integer>> statement;
    private int failures;

    Kind(String name, Function<SqlClient, Future<Integer>> statement) {
      this.name = name;
      this.statement = statement;
    }
  }
}
