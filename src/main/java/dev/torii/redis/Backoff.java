package dev.torii.redis;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pauses between attempts: doubling from 50 ms to a limit, each with up to half of it at random.
 */
final class Backoff {
  private static final long FIRST_MILLIS = 50;

  private final long maxMillis;
  private long nextMillis = FIRST_MILLIS;

  Backoff(Duration max) {
    this.maxMillis = max.toMillis();
  }

  /** Length of the pause that comes now, in milliseconds; the one after it is longer. */
  long nextMillis() {
    long pause = Math.min(nextMillis, maxMillis);
    nextMillis = Math.min(maxMillis, nextMillis * 2);
    return pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
  }

  void reset() {
    nextMillis = FIRST_MILLIS;
  }
}
