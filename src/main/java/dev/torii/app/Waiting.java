package dev.torii.app;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import io.vertx.core.Future;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Lets the main thread wait for what event loops do, and puts its failure into one line. */
final class Waiting {
  private Waiting() {}

  /**
   * Blocks until {@code future} is done.
   *
   * @param what what is waited for, for the message when it takes longer than {@code patience}
   */
  static <T> T await(Future<T> future, String what, Duration patience) throws StartupException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw explain(e.getCause(), what);
    } catch (TimeoutException e) {
      throw new StartupException(what + " took too long", ExitCode.FAILED, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException(what + " was interrupted", ExitCode.FAILED, e);
    }
  }

  private static StartupException explain(Throwable cause, String what) {
    if (cause instanceof BindException) {
      return new StartupException(
          "cannot listen: " + cause.getMessage() + " (see http.host and http.port)",
          ExitCode.WRONG_CONFIGURATION,
          cause);
    }
    boolean wrongInput =
        cause instanceof IllegalArgumentException
            || (cause instanceof Failure failure && failure.code().status() < 500);
    String words = cause.getMessage() != null ? cause.getMessage() : words(cause);
    return wrongInput
        ? new StartupException(words, ExitCode.WRONG_CONFIGURATION, cause)
        : new StartupException(what + " failed: " + words, ExitCode.FAILED, cause);
  }

  private static String words(Throwable cause) {
    if (!(cause instanceof Failure failure)) {
      return cause.toString();
    }
    if (failure.code() == ErrorCode.INVALID && !failure.errors().isEmpty()) {
      FieldError fault = failure.errors().get(0);
      return fault.pointer().substring(1) + " " + fault.detail();
    }
    return failure.code().title();
  }
}
