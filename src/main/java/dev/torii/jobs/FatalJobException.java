package dev.torii.jobs;

/** Says that another attempt of the job would fail like this one. */
public final class FatalJobException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message shown to whoever may see the job
   */
  public FatalJobException(String message) {
    super(message);
  }

  /**
   * @param message shown to whoever may see the job
   * @param cause only logged
   */
  public FatalJobException(String message, Throwable cause) {
    super(message, cause);
  }
}
