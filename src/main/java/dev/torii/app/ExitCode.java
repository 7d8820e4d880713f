package dev.torii.app;

/** Exit codes that scripts may rely on. */
public final class ExitCode {
  /** Did what was asked, or stopped because that was asked. */
  public static final int OK = 0;

  /** Failed while running. */
  public static final int FAILED = 1;

  /** Wrong configuration or arguments, or something that is configured cannot be reached. */
  public static final int WRONG_CONFIGURATION = 2;

  private ExitCode() {}
}
