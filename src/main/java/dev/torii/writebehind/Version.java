package dev.torii.writebehind;

import java.time.Instant;

/**
 * Order of acceptance as one number: milliseconds since 1970 in the upper bits, and in the lower 20
 * a number among those of one millisecond.
 */
public final class Version {
  private static final int NUMBER_BITS = 20;

  private Version() {}

  /** The version that an entry's id {@code <milliseconds>-<number>} stands for. */
  static long ofId(String id) {
    int dash = id.indexOf('-');
    // Added, so that a number of more than 20 bits goes on into the next millisecond.
    return ofMillis(Long.parseLong(id.substring(0, dash))) + Long.parseLong(id.substring(dash + 1));
  }

  /** The lowest version of a millisecond. */
  static long ofMillis(long millis) {
    return millis << NUMBER_BITS;
  }

  static long millis(long version) {
    return version >> NUMBER_BITS;
  }

  static long number(long version) {
    return version & ((1L << NUMBER_BITS) - 1);
  }

  /** When a write of this version was accepted. */
  public static Instant time(long version) {
    return Instant.ofEpochMilli(millis(version));
  }
}
