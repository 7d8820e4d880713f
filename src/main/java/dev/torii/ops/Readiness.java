package dev.torii.ops;

/** Whether this process wants requests: not before everything started, not after a stop began. */
public final class Readiness {
  private volatile boolean serving;

  public boolean isServing() {
    return serving;
  }

  /** Everything has started. */
  public void started() {
    serving = true;
  }

  /** A stop was asked for. */
  public void stopping() {
    serving = false;
  }
}
