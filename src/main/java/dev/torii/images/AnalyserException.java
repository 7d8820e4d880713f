package dev.torii.images;

/** Says that an analyser gave no analysis this time; another call may. */
final class AnalyserException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message shown to whoever may see the job
   */
  AnalyserException(String message) {
    super(message);
  }

  /**
   * @param message shown to whoever may see the job
   * @param cause only logged
   */
  AnalyserException(String message, Throwable cause) {
    super(message, cause);
  }
}
