package dev.torii.ratelimit;

/**
 * How many processes share the limits: the number that Redis told last. While Redis is away each
 * enforces its share of a limit. Written by one context, read by all event loops.
 */
public final class Processes {
  /**
   * How often a lower number has to be told before it is believed: after a restart of Redis the
   * processes are heard of one by one, as each subscribes again.
   */
  static final int BEATS_TO_FALL = 5;

  private volatile int alive = 1;
  private int lower;
  private int beatsOfLower;

  /** Notes how many were heard, this one among them: more at once, fewer once that is certain. */
  void alive(int count) {
    int heard = Math.max(1, count);
    if (heard >= alive) {
      alive = heard;
      beatsOfLower = 0;
      return;
    }
    beatsOfLower = heard == lower ? beatsOfLower + 1 : 1;
    lower = heard;
    if (beatsOfLower >= BEATS_TO_FALL) {
      alive = heard;
      beatsOfLower = 0;
    }
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
