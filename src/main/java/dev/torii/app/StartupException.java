package dev.torii.app;

/** A start that cannot go on: one clear line for the operator and the code to exit with. */
public final class StartupException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /**
   * @param message one line that says what is wrong and what would help, without secrets
   * @param exitCode one of {@link ExitCode}
   */
  public StartupException(String message, int exitCode) {
    this(message, exitCode, null);
  }

  /** As above, with a cause that is only shown at log level debug. */
  public StartupException(String message, int exitCode, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
