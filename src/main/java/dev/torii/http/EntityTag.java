package dev.torii.http;

import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Entity tags: what a client has, so that the same is not sent twice.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#name-etag">RFC 9110</a>
 */
public final class EntityTag {
  private static final int HASH_BYTES = 12;

  private EntityTag() {}

  /** The strong tag of {@code content}, in quotes. */
  public static String of(Buffer content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content.getBytes());
      return '"' + HexFormat.of().formatHex(hash, 0, HASH_BYTES) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The weak tag of the first bytes of {@code content}, in quotes: cheap enough for a hit. Two
   * checksums of different polynomials see every change of up to 64 bits in a row, and miss one of
   * 2^64 others; they are no protection against who makes two contents for one tag.
   */
  public static String weak(Buffer content, int length) {
    byte[] bytes = content.getBytes(0, length);
    var high = new CRC32C();
    high.update(bytes, 0, length);
    var low = new CRC32();
    low.update(bytes, 0, length);
    return "W/\"" + Long.toHexString(high.getValue() << 32 | low.getValue()) + '"';
  }

  /**
   * Whether {@code If-None-Match} names the tag: compared weakly, or by {@code *}.
   *
   * @param ifNoneMatch null when the header was not sent
   */
  public static boolean matches(String ifNoneMatch, String tag) {
    if (ifNoneMatch == null) {
      return false;
    }
    for (String candidate : ifNoneMatch.split(",", -1)) {
      String trimmed = candidate.trim();
      if (trimmed.equals("*") || opaque(trimmed).equals(opaque(tag))) {
        return true;
      }
    }
    return false;
  }

  /** The tag without the mark of a weak one. */
  private static String opaque(String tag) {
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }
}
