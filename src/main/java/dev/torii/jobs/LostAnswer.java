package dev.torii.jobs;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import io.vertx.core.Handler;
import java.util.function.LongConsumer;

/** Statements that were sent, and whose answer was lost: nobody knows if they were committed. */
final class LostAnswer {
  private LostAnswer() {}

  /**
   * Tells of such a statement when it fails.
   *
   * @param onDoubt told {@code sentNanos}
   * @param sentNanos from before it was sent, by {@link System#nanoTime()}
   */
  static Handler<Throwable> to(LongConsumer onDoubt, long sentNanos) {
    return t -> {
      if (mayBe(t)) {
        onDoubt.accept(sentNanos);
      }
    };
  }

  /** Refusals are answers, those of this application too; what was not sent needs none. */
  private static boolean mayBe(Throwable t) {
    ErrorCode code = t instanceof Failure failure ? failure.code() : null;
    return (code == ErrorCode.TIMEOUT || code == ErrorCode.UNAVAILABLE) && !Database.sentNothing(t);
  }
}
