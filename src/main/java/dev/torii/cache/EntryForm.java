package dev.torii.cache;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The form of an entry in Redis: the JSON object of the loader, and behind it when it was stored
 * and the generation of its groups: {@code ,"cached_at":"…","generation":"…"}}.
 *
 * <p>Other services read entries as they are, and write them without a generation. A remembered
 * absence is {@code null}, which has no room for one: a hash of it follows as blanks and tabs,
 * which every reader of JSON skips.
 */
final class EntryForm {
  private static final byte[] CACHED_AT = ascii("\"cached_at\":\"");
  private static final byte[] GENERATION = ascii("\"generation\"");
  private static final String NOTHING = "null";
  private static final int HASH_BITS = 32;

  /** What Torii adds behind an object is much shorter. */
  private static final int TAIL_BYTES = 512;

  private EntryForm() {}

  /** What the cache keeps of {@code json}, or of nothing. */
  static Buffer stamped(Buffer json, Instant now, String generation) {
    if (json == null) {
      return Buffer.buffer(NOTHING + blanks(generation));
    }
    Buffer entry =
        Buffer.buffer(json.length() + 80).appendBuffer(json, 0, json.length() - 1); // without the }
    if (json.length() > 2) {
      entry.appendByte((byte) ',');
    }
    return entry
        .appendBytes(CACHED_AT)
        .appendString(now.truncatedTo(ChronoUnit.MILLIS).toString())
        .appendString("\",\"generation\":\"")
        .appendString(generation)
        .appendString("\"}");
  }

  /**
   * The entry that {@code stored} is, null when it is none or belongs to another generation. May
   * write into {@code stored}, of which the answer is a part.
   *
   * @param generation what its groups are at now
   */
  static Entry read(Buffer stored, String generation) {
    Buffer plain = Gzip.isCompressed(stored) ? Gzip.open(stored) : stored;
    if (plain == null) {
      return null;
    }
    if (isNothing(plain)) {
      boolean foreign = plain.length() == NOTHING.length();
      return foreign || plain.toString().endsWith(blanks(generation)) ? Entry.NOTHING : null;
    }
    if (!CachedJson.isObject(plain)) {
      return null;
    }
    // Looked at in an array: each byte that a buffer is asked for costs checks of its own.
    int before = Math.max(0, plain.length() - TAIL_BYTES);
    byte[] tail = plain.getBytes(before, plain.length());
    int quote = openingQuote(tail, tail.length - 2);
    int name = quote < 0 ? -1 : nameEndsAt(tail, quote - 1, GENERATION);
    if (name < 0) {
      return new Entry(plain, CachedJson.textField(plain, "\"cached_at\""));
    }
    if (!text(tail, quote, tail.length - 2).equals(generation)) {
      return null;
    }
    int comma = skipBlanks(tail, name - 1);
    if (tail[comma] != ',') {
      return null;
    }
    String cachedAt = textBefore(tail, skipBlanks(tail, comma - 1));
    Buffer json = plain.setByte(before + comma, (byte) '}').slice(0, before + comma + 1);
    return new Entry(json, cachedAt);
  }

  private static boolean isNothing(Buffer plain) {
    int length = plain.length();
    if (length != NOTHING.length() && length != NOTHING.length() + HASH_BITS) {
      return false;
    }
    return plain.getString(0, length).trim().equals(NOTHING);
  }

  /** 32 bits of the generation, a blank for 0 and a tab for 1. */
  private static String blanks(String generation) {
    int hash = generation.hashCode() * 0x9E3779B9;
    StringBuilder text = new StringBuilder(HASH_BITS);
    for (int bit = 0; bit < HASH_BITS; bit++) {
      text.append((hash >>> bit & 1) == 0 ? ' ' : '\t');
    }
    return text.toString();
  }

  /** Where the plain text opens whose closing quote is at {@code close}, -1 for none. */
  private static int openingQuote(byte[] json, int close) {
    if (close < 1 || json[close] != '"') {
      return -1;
    }
    for (int i = close - 1; i >= 0 && close - i <= 100; i--) {
      byte b = json[i];
      if (b == '"') {
        return i;
      }
      if (b == '\\') {
        return -1;
      }
    }
    return -1;
  }

  /**
   * The text of the field {@code cached_at} that ends at {@code close}, null when it is another.
   */
  private static String textBefore(byte[] json, int close) {
    int open = openingQuote(json, close);
    boolean isTime = open >= 0 && nameEndsAt(json, open - 1, CACHED_AT_NAME) >= 0;
    return isTime ? text(json, open, close) : null;
  }

  private static final byte[] CACHED_AT_NAME = ascii("\"cached_at\"");

  /** Where {@code name} begins when it and a colon end at {@code at}, else -1. */
  private static int nameEndsAt(byte[] json, int at, byte[] name) {
    int colon = skipBlanks(json, at);
    if (colon < 0 || json[colon] != ':') {
      return -1;
    }
    int start = skipBlanks(json, colon - 1) - name.length + 1;
    if (start < 1) {
      return -1;
    }
    for (int i = 0; i < name.length; i++) {
      if (json[start + i] != name[i]) {
        return -1;
      }
    }
    return start;
  }

  private static int skipBlanks(byte[] json, int from) {
    int i = from;
    while (i > 0 && json[i] == ' ') {
      i--;
    }
    return i;
  }

  /** What stands between two quotes. */
  private static String text(byte[] json, int open, int close) {
    return new String(json, open + 1, close - open - 1, StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
