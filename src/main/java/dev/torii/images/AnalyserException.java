package dev.torii.images;

import java.time.Duration;
import java.util.Optional;

/** Says that an analyser gave no analysis this time; another call may. */
final class AnalyserException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Duration retryAfter;

  /**
   * @param message shown to whoever may see the job
   */
  AnalyserException(String message) {
    this(message, (Throwable) null);
  }

  /**
   * @param message shown to whoever may see the job
   * @param cause only logged
   */
  AnalyserException(String message, Throwable cause) {
    super(message, cause);
    this.retryAfter = null;
  }

  /**
   * @param message shown to whoever may see the job
   * @param retryAfter for how long the analyser wants no calls; null when it said nothing of that
   */
  AnalyserException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
