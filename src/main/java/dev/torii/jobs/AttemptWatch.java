package dev.torii.jobs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the attempts of a process with one timer for all: times that are over, heartbeats,
 * progress that waits to be told, jobs that wait for a thread. Used on one context.
 */
final class AttemptWatch {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptWatch.class);
  private static final long LONGEST_PERIOD_MILLIS = 100;
  private static final long LINES_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Progress of one attempt is told no more often. */
  private static final long TELL_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Who was claimed ahead and has not begun by then goes to another process. */
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What a handler that was interrupted may still take. */
  private static final long LEAVE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final JobWorkers workers;
  private final Lanes lanes;
  private final AttemptWriter writer;
  private final JobNews news;
  private final JobMetrics metrics;
  private final long beatNanos;
  private final long periodMillis;
  private final Set<Attempt> untold = new LinkedHashSet<>();
  private long beatenNanos = System.nanoTime();
  private long linesNanos = System.nanoTime();

  AttemptWatch(
      JobWorkers workers,
      Lanes lanes,
      AttemptWriter writer,
      JobNews news,
      JobMetrics metrics,
      Duration lease) {
    this.workers = workers;
    this.lanes = lanes;
    this.writer = writer;
    this.news = news;
    this.metrics = metrics;
    this.beatNanos = lease.toNanos() / 3;
    this.periodMillis = Math.max(10, Math.min(LONGEST_PERIOD_MILLIS, lease.toMillis() / 6));
  }

  long periodMillis() {
    return periodMillis;
  }

  void look() {
    long now = System.nanoTime();
    List<Attempt> waiting = List.copyOf(untold);
    waiting.forEach(this::tell);
    if (workers.attempts().isEmpty()) {
      beatenNanos = now;
      return;
    }
    new ArrayList<>(workers.attempts()).forEach(attempt -> look(attempt, now));
    lanes.beginWaiting();
    if (now - beatenNanos >= beatNanos) {
      beatenNanos = now;
      writer.beat();
    }
    if (now - linesNanos >= LINES_EVERY_NANOS) {
      linesNanos = now;
      writer.writeLines();
    }
  }

  private void look(Attempt attempt, long now) {
    if (attempt.giveUpNanos != 0 && now - attempt.giveUpNanos >= 0) {
      giveUp(attempt);
    } else if (attempt.settled || attempt.queued) {
      return;
    } else if (attempt.leaseIsOver()) {
      workers.lost(attempt);
    } else if (attempt.cancelNanos != 0 && now - attempt.cancelNanos >= 0) {
      workers.release(attempt, cancelled(attempt));
    } else if (!attempt.hasStarted() && now - attempt.claimedNanos() >= WAIT_NANOS) {
      attempt.lane.isSlow();
      workers.release(attempt, Outcome.back());
    } else if (attempt.giveUpNanos == 0 && attempt.hasStarted() && isLate(attempt, now)) {
      attempt.timeOut();
      soonGivenUp(attempt);
    }
  }

  private static boolean isLate(Attempt attempt, long now) {
    return now - attempt.startedNanos() >= attempt.lane.options().timeout().toNanos();
  }

  /** Its handler was asked to end and has not. */
  private void giveUp(Attempt attempt) {
    attempt.giveUpNanos = 0;
    if (attempt.left) {
      return;
    }
    if (attempt.settled || attempt.queued) {
      workers.giveUpThread(attempt);
    } else {
      LOG.warn("The handler of job {} ({}) does not end", attempt.id(), attempt.job.type());
      workers.release(attempt, AttemptRunner.timedOut(attempt));
    }
  }

  /** Its handler has a moment to end; then its thread counts no more. */
  void soonGivenUp(Attempt attempt) {
    attempt.giveUpNanos = System.nanoTime() + LEAVE_NANOS;
  }

  /** Asks a handler to end, and ends the attempt when the time is over. */
  void cancel(Attempt attempt, String reason, long inMillis) {
    attempt.cancelReason = reason;
    long at = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(inMillis);
    attempt.cancelNanos = at == 0 ? 1 : at;
    if (!attempt.hasStarted()) {
      workers.release(attempt, cancelled(attempt));
    } else if (!attempt.wasCancelled()) {
      attempt.cancel();
    }
  }

  private static Outcome cancelled(Attempt attempt) {
    return Outcome.ended(JobState.CANCELLED, JobFault.cancelled(attempt.cancelReason));
  }

  /** Tells progress now, or with what follows soon. */
  void tell(Attempt attempt) {
    if (System.nanoTime() - attempt.toldNanos >= TELL_EVERY_NANOS || attempt.toldNanos == 0) {
      tellNow(attempt);
    } else {
      untold.add(attempt);
    }
  }

  /** Tells the progress that was not told yet, if nobody else may have the job. */
  void tellNow(Attempt attempt) {
    untold.remove(attempt);
    Attempt.Progress progress = attempt.takeProgress();
    if (progress != null && !attempt.settled && !attempt.leaseIsOver()) {
      attempt.toldNanos = System.nanoTime();
      metrics.progressed();
      news.progressed(
          attempt.id(),
          attempt.attempt(),
          progress.percent(),
          progress.stage(),
          progress.message());
    }
  }
}
