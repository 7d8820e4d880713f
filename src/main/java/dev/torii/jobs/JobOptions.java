package dev.torii.jobs;

import java.time.Duration;

/**
 * How jobs of a type are run.
 *
 * @param concurrency jobs that one process runs at once, 1-1000
 * @param maxAttempts attempts after which a job is dead, 1-100
 * @param firstBackoff pause before the second attempt, doubled by each further one, with jitter; 0
 *     or more
 * @param longestBackoff where that growth ends
 * @param timeout how long one attempt may take; then it is interrupted, and has failed
 */
public record JobOptions(
    int concurrency,
    int maxAttempts,
    Duration firstBackoff,
    Duration longestBackoff,
    Duration timeout) {
  /** Eight at once, five attempts, 1 s to 10 min between them, 10 min for each. */
  public static final JobOptions DEFAULTS =
      new JobOptions(8, 5, Duration.ofSeconds(1), Duration.ofMinutes(10), Duration.ofMinutes(10));

  public JobOptions {
    if (concurrency < 1 || concurrency > 1000) {
      throw new IllegalArgumentException("concurrency must be 1-1000, was " + concurrency);
    }
    if (maxAttempts < 1 || maxAttempts > 100) {
      throw new IllegalArgumentException("maxAttempts must be 1-100, was " + maxAttempts);
    }
    if (firstBackoff.isNegative() || longestBackoff.compareTo(firstBackoff) < 0) {
      throw new IllegalArgumentException("firstBackoff must be 0 or more, longestBackoff no less");
    }
    if (timeout.toMillis() < 1) {
      throw new IllegalArgumentException("timeout must be 1 ms or more, was " + timeout);
    }
  }

  /** The same with another number of jobs at once. */
  public JobOptions withConcurrency(int other) {
    return new JobOptions(other, maxAttempts, firstBackoff, longestBackoff, timeout);
  }
}
