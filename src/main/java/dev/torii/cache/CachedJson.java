package dev.torii.cache;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Tells what the bytes of a cache entry are without parsing them. */
public final class CachedJson {
  private static final byte[] TIME = ",\"cached_at\":\"".getBytes(StandardCharsets.US_ASCII);

  private CachedJson() {}

  /**
   * What was stored, opened when it is compressed; empty when that is broken or above 2 MB. For
   * readers of entries that no {@link Cache} keeps.
   */
  public static Optional<Buffer> opened(Buffer stored) {
    return Optional.ofNullable(Gzip.isCompressed(stored) ? Gzip.open(stored) : stored);
  }

  /** Whether the first bytes are these. */
  static boolean beginsWith(Buffer entry, byte[] beginning) {
    return entry.length() >= beginning.length && standsAt(entry, 0, beginning);
  }

  private static boolean standsAt(Buffer entry, int start, byte[] text) {
    for (int i = 0; i < text.length; i++) {
      if (entry.getByte(start + i) != text[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether the bytes can stand in an answer as they are. Other services write entries too; what
   * does not look like an object, compressed bytes among it, is loaded again.
   */
  public static boolean isObject(Buffer entry) {
    int length = entry.length();
    return length >= 2 && entry.getByte(0) == '{' && entry.getByte(length - 1) == '}';
  }

  /**
   * How many bytes an object of a cache has before its last brace, without the time at which it was
   * stored; so many has the same object from the loader.
   *
   * @param cachedAt that time, null when none was stored
   */
  public static int lengthWithoutTime(Buffer entry, String cachedAt) {
    int length = entry.length() - 1;
    if (cachedAt != null) {
      int start = length - TIME.length - cachedAt.length() - 1; // and its closing quote
      if (start > 0 && standsAt(entry, start, TIME)) {
        return start;
      }
    }
    return length;
  }

  /**
   * The text of a top-level string field whose value needs no escapes, such as a time.
   *
   * @param quotedName the field with its quotes, {@code "cached_at"}
   * @return null when the field is not there
   */
  public static String textField(Buffer entry, String quotedName) {
    byte[] bytes = entry.getBytes();
    for (int at = bytes.length; (at = lastIndexOf(bytes, quotedName, at - 1)) >= 0; ) {
      int colon = skipSpaces(bytes, at + quotedName.length());
      if (colon < bytes.length && bytes[colon] == ':') {
        return text(bytes, skipSpaces(bytes, colon + 1));
      }
      // without a colon it is a value that reads like the name
    }
    return null;
  }

  /** The text whose opening quote stands at {@code open}. */
  private static String text(byte[] bytes, int open) {
    if (open >= bytes.length || bytes[open] != '"') {
      return null;
    }
    int end = open + 1;
    while (end < bytes.length && bytes[end] != '"' && bytes[end] != '\\') {
      end++;
    }
    boolean plain = end < bytes.length && bytes[end] == '"';
    return plain ? new String(bytes, open + 1, end - open - 1, StandardCharsets.UTF_8) : null;
  }

  private static int skipSpaces(byte[] bytes, int from) {
    int i = from;
    while (i < bytes.length && bytes[i] == ' ') {
      i++;
    }
    return i;
  }

  /** A name inside a string would stand between escaped quotes, so an unescaped one is a field. */
  private static int lastIndexOf(byte[] bytes, String text, int from) {
    outer:
    for (int i = Math.min(from, bytes.length - text.length()); i >= 0; i--) {
      for (int k = 0; k < text.length(); k++) {
        if (bytes[i + k] != text.charAt(k)) {
          continue outer;
        }
      }
      return i;
    }
    return -1;
  }
}
