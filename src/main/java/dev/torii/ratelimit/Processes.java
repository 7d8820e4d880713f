package dev.torii.ratelimit;

/**
 * How many processes share the limits: the number that Redis told last. While Redis is away each
 * enforces its share of a limit. Shared by all event loops.
 */
public final class Processes {
  private volatile int alive = 1;

  /** Notes how many there are, this one among them. */
  void alive(int count) {
    alive = Math.max(1, count);
  }

  /** Processes that lived when Redis was reached last, at least 1. */
  public int alive() {
    return alive;
  }

  /** What one process admits of a limit, at least 1. */
  int shareOf(int limit) {
    return Math.max(1, limit / alive);
  }
}
