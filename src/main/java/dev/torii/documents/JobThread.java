package dev.torii.documents;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits where a job runs, on a thread that may. */
final class JobThread {
  /** Longer than any use of the database may take. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private JobThread() {}

  /** What the future gives; throws what it fails with. */
  static <T> T await(Future<T> future) throws Exception {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    } catch (TimeoutException e) {
      throw new IllegalStateException("a future that never completes", e);
    }
  }
}
