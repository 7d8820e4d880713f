package dev.torii.ratelimit;

/**
 * A limit on failures whose wait grows: some are free, then each further one doubles the time until
 * the next try, up to the window; and no window ever holds more than the limit.
 *
 * @param freeFailures failures below which the next try may come at once, at least 1
 * @param firstWaitMillis wait when they are used up, 0 for no growing wait
 */
public record FailureRule(Rule rule, int freeFailures, long firstWaitMillis) {
  /** Doubled more often, a wait of a millisecond is longer than any window. */
  private static final int MOST_DOUBLINGS = 40;

  /** The same with {@code factor} times the numbers, counted apart as {@code endpoint}. */
  public FailureRule times(int factor, String endpoint) {
    long free = Math.min(Integer.MAX_VALUE, (long) factor * freeFailures);
    return new FailureRule(rule.times(factor, endpoint), (int) free, firstWaitMillis);
  }

  /** The growing part of the wait after so many failures, in milliseconds. */
  long grownMillis(int failures) {
    if (firstWaitMillis == 0 || failures < freeFailures) {
      return 0;
    }
    double doubled =
        firstWaitMillis * Math.pow(2, Math.min(failures - freeFailures, MOST_DOUBLINGS));
    return (long) Math.min((double) rule.windowMillis(), doubled);
  }
}
