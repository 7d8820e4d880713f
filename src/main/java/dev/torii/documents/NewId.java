package dev.torii.documents;

import java.security.SecureRandom;
import java.util.UUID;

/**
 * UUIDs of version 7: about in the order in which they are made.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9562#section-5.7">RFC 9562</a>
 */
final class NewId {
  private static final SecureRandom RANDOM = new SecureRandom();

  private NewId() {}

  static UUID next() {
    long time = (System.currentTimeMillis() << 16) | 0x7000 | RANDOM.nextInt(0x1000);
    long rest = (RANDOM.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(time, rest);
  }
}
