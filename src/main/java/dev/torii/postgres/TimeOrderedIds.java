package dev.torii.postgres;

import java.security.SecureRandom;
import java.util.UUID;

/**
 * UUIDs of version 7: in the order in which a process made them, and almost so over all processes.
 * Used on one context.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9562#section-5.7">RFC 9562</a>
 */
public final class TimeOrderedIds {
  /** Counted within a millisecond; when it is used up, the time runs ahead. */
  private static final int COUNTS = 0x1000;

  private static final long VARIANT = 0x8000_0000_0000_0000L;
  private static final long RANDOM = 0x3fff_ffff_ffff_ffffL;

  private final SecureRandom random = new SecureRandom();
  private long lastMillis;
  private int count;

  /** Another one. */
  public UUID next() {
    long millis = System.currentTimeMillis();
    if (millis > lastMillis) {
      lastMillis = millis;
      count = random.nextInt(COUNTS / 2);
    } else if (++count == COUNTS) {
      lastMillis++;
      count = 0;
    }
    return new UUID((lastMillis << 16) | 0x7000 | count, (random.nextLong() & RANDOM) | VARIANT);
  }
}
