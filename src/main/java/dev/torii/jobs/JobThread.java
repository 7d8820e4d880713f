package dev.torii.jobs;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The one place where a thread waits for another: that of a job, which may. */
final class JobThread {
  /** How often a waiting job looks whether it should end. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private JobThread() {}

  /** See {@link JobContext#await}. */
  static <T> T await(CompletionStage<T> answer, Duration patience, JobContext job)
      throws Exception {
    CompletableFuture<T> waited = answer.toCompletableFuture();
    long end = System.nanoTime() + patience.toNanos();
    for (long left = patience.toNanos(); left > 0; left = end - System.nanoTime()) {
      job.checkCancelled();
      try {
        return waited.get(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof Exception cause ? cause : e;
      } catch (TimeoutException e) {
        // looks whether to go on waiting
      }
    }
    throw new TimeoutException("no answer in " + patience.toMillis() + " ms");
  }
}
