package dev.torii.images;

import dev.torii.jobs.JobCancelledException;
import dev.torii.jobs.JobContext;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits on the thread of a job for what is answered elsewhere, and gives up when the job should
 * end. Never used on an event loop.
 */
final class JobWait {
  /** How often a waiting job looks whether it should end. */
  private static final long LOOK_MILLIS = 200;

  private JobWait() {}

  /** The answer of a service; as {@link #until} otherwise. */
  static <T> T until(Future<T> answer, Duration patience, JobContext job) throws Exception {
    return until(answer.toCompletionStage(), patience, job);
  }

  /**
   * The answer of any source.
   *
   * @throws TimeoutException when there is none in time
   * @throws JobCancelledException when the job should end
   * @throws Exception what the source failed with
   */
  static <T> T until(CompletionStage<T> answer, Duration patience, JobContext job)
      throws Exception {
    BlockingQueue<Outcome<T>> outcome = new ArrayBlockingQueue<>(1);
    answer.whenComplete((value, cause) -> outcome.add(new Outcome<>(value, cause)));
    long end = System.nanoTime() + patience.toNanos();
    for (long left = patience.toNanos(); left > 0; left = end - System.nanoTime()) {
      job.checkCancelled();
      long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
      Outcome<T> found = outcome.poll(slice, TimeUnit.NANOSECONDS);
      if (found != null) {
        return found.get();
      }
    }
    throw new TimeoutException("no answer in " + patience.toMillis() + " ms");
  }

  /** Lets time pass. */
  static void pause(Duration time, JobContext job) throws Exception {
    BlockingQueue<Boolean> never = new ArrayBlockingQueue<>(1);
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      job.checkCancelled();
      long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
      if (never.poll(slice, TimeUnit.NANOSECONDS) != null) {
        return;
      }
    }
  }

  private record Outcome<T>(T value, Throwable cause) {
    T get() throws Exception {
      if (cause == null) {
        return value;
      }
      if (cause instanceof Exception exception) {
        throw exception;
      }
      throw new IllegalStateException(cause);
    }
  }
}
