package dev.torii.jobs;

import java.time.Duration;
import java.time.Instant;

/** Times that stand in Redis, where anybody may write any. */
final class ToldTime {
  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

  /** How far the clocks of the ledger and of this process may be apart. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private ToldTime() {}

  /** The last moment that can have been told at this one. */
  static Instant latest(Instant now) {
    return now.plus(SKEW);
  }

  /**
   * Reads ISO-8601.
   *
   * @throws RuntimeException when it is none, or cannot have been told by now
   */
  static Instant parse(String text, Instant now) {
    Instant at = Instant.parse(text);
    if (at.isBefore(EARLIEST) || at.isAfter(latest(now))) {
      throw new IllegalArgumentException("no time at which a job was told of");
    }
    return at;
  }
}
