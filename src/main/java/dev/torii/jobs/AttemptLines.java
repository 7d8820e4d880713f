package dev.torii.jobs;

import dev.torii.jobs.JobRunRepository.Line;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines of logs on their way into the database: so many at a time that no lease runs out meanwhile,
 * and dropped when that does not go well. Used on one context.
 */
final class AttemptLines {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptLines.class);
  private static final int MOST_AT_ONCE = 2_000;
  private static final int MOST_WAITING = 20_000;

  private final Database database;
  private final JobRunRepository repository;
  private final int mostOfAJob;
  private final Deque<Line> waiting = new ArrayDeque<>();

  /**
   * @param mostOfAJob lines that are kept of one job
   */
  AttemptLines(Database database, JobRunRepository repository, int mostOfAJob) {
    this.database = database;
    this.repository = repository;
    this.mostOfAJob = mostOfAJob;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Takes what an attempt has said since the last time; the oldest go when it is too much. */
  void gather(Attempt attempt) {
    long now = System.nanoTime();
    for (Attempt.LogLine line : attempt.takeLines()) {
      long ageMillis = (now - line.atNanos()) / 1_000_000;
      waiting.add(new Line(attempt.job, ageMillis, line.text()));
      if (waiting.size() > MOST_WAITING) {
        waiting.poll();
      }
    }
  }

  /** Writes the oldest; never fails. */
  Future<Void> write() {
    if (waiting.isEmpty()) {
      return Future.succeededFuture();
    }
    List<Line> some = new ArrayList<>();
    while (!waiting.isEmpty() && some.size() < MOST_AT_ONCE) {
      some.add(waiting.poll());
    }
    return database
        .inTransaction(tx -> repository.log(tx, some, mostOfAJob))
        .recover(t -> drop(some.size(), t));
  }

  /** Those that wait too: the next statement would take as long. */
  private Future<Void> drop(int sent, Throwable t) {
    LOG.error("{} lines of logs of jobs are dropped", sent + waiting.size(), t);
    waiting.clear();
    return Future.succeededFuture();
  }
}
