package dev.torii.jobs;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Handler;
import java.util.function.LongConsumer;

/** Statements of which nobody can say whether they were committed, because no answer came. */
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

  /** Refusals of the database are answers, and so are those of this application. */
  private static boolean mayBe(Throwable t) {
    ErrorCode code = t instanceof Failure failure ? failure.code() : null;
    return code == ErrorCode.TIMEOUT || code == ErrorCode.UNAVAILABLE;
  }
}
