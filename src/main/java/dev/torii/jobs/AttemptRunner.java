package dev.torii.jobs;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs handlers on the calling thread, and says what their end means for the job. */
final class AttemptRunner {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptRunner.class);
  private static final String NOTHING = "{}";

  private final int maxResultBytes;

  AttemptRunner(int maxResultBytes) {
    this.maxResultBytes = maxResultBytes;
  }

  /**
   * Runs one, unless it must not begin any more; its outcome is then in it.
   *
   * @return false when its thread was given up
   */
  boolean run(Attempt attempt) {
    if (!attempt.begin()) {
      return true;
    }
    Outcome outcome = outcome(attempt);
    boolean mine = attempt.end(outcome);
    boolean interrupted = Thread.interrupted(); // was meant for the handler
    LOG.trace("{} ended, interrupted: {}", attempt.id(), interrupted);
    return mine;
  }

  private Outcome outcome(Attempt attempt) {
    try {
      JsonObject result = attempt.lane.type.handler().run(attempt);
      return attempt.isTimedOut() ? timedOut(attempt) : succeeded(result);
    } catch (Throwable t) {
      return failed(attempt, t);
    }
  }

  private Outcome succeeded(JsonObject result) {
    String json = result == null || result.isEmpty() ? NOTHING : result.encode();
    if (json.length() * 3L > maxResultBytes) {
      int bytes = json.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > maxResultBytes) {
        String words =
            "the result has " + bytes + " bytes, more than jobs.maxResultBytes, " + maxResultBytes;
        var fault = new JobFault("ResultTooLarge", Outcome.class.getPackageName(), words);
        return Outcome.ended(JobState.FAILED, fault);
      }
    }
    return Outcome.succeeded(json);
  }

  private static Outcome failed(Attempt attempt, Throwable t) {
    if (attempt.wasCancelled()) {
      return Outcome.ended(JobState.CANCELLED, JobFault.cancelled(attempt.cancelReason));
    }
    if (attempt.isTimedOut()) {
      return timedOut(attempt);
    }
    boolean asked = t instanceof JobCancelledException || t instanceof InterruptedException;
    if (attempt.isStopping() && asked) {
      return Outcome.back();
    }
    LOG.debug("Attempt {} of job {} failed", attempt.attempt(), attempt.id(), t);
    return t instanceof FatalJobException
        ? Outcome.ended(JobState.FAILED, JobFault.of(t))
        : another(attempt, JobFault.of(t));
  }

  /** What becomes of an attempt whose time is over. */
  static Outcome timedOut(Attempt attempt) {
    long millis = attempt.lane.options().timeout().toMillis();
    return another(attempt, JobFault.timeout("the attempt took longer than " + millis + " ms"));
  }

  private static Outcome another(Attempt attempt, JobFault fault) {
    Claimed job = attempt.job;
    return job.attempt() >= job.maxAttempts()
        ? Outcome.ended(JobState.DEAD, fault)
        : Outcome.again(fault, pauseMillis(attempt.lane.options(), job.attempt()));
  }

  /** Doubled by each attempt up to a limit; up to half of it is at random. */
  static long pauseMillis(JobOptions options, int attempt) {
    long longest = options.longestBackoff().toMillis();
    long pause = options.firstBackoff().toMillis();
    for (int i = 1; i < attempt && pause < longest; i++) {
      pause *= 2;
    }
    pause = Math.min(pause, longest);
    return pause - ThreadLocalRandom.current().nextLong(pause / 2 + 1);
  }
}
