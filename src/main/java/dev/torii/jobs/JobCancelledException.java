package dev.torii.jobs;

/** Ends an attempt that should end. */
public final class JobCancelledException extends Exception {
  private static final long serialVersionUID = 1L;

  public JobCancelledException() {
    super("cancelled");
  }
}
