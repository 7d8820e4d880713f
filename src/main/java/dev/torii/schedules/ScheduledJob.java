package dev.torii.schedules;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.UUID;

/**
 * The id of the job of one time of one schedule, the same for everybody who works it out. So the
 * ledger, which takes no id twice, sees to it that the job is made once.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9562#section-5.7">RFC 9562</a>
 */
final class ScheduledJob {
  private static final long VERSION = 0x7000;
  private static final long AFTER_VERSION = 0xfff;
  private static final long VARIANT = 0x8000_0000_0000_0000L;
  private static final long AFTER_VARIANT = 0x3fff_ffff_ffff_ffffL;

  private ScheduledJob() {}

  /** An UUID of version 7 whose time is the one that is due. */
  static UUID id(String schedule, Instant due) {
    ByteBuffer hash = ByteBuffer.wrap(hash(schedule + " " + due));
    return new UUID(
        (due.toEpochMilli() << 16) | VERSION | (hash.getLong() & AFTER_VERSION),
        (hash.getLong() & AFTER_VARIANT) | VARIANT);
  }

  private static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
