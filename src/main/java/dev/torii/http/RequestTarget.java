package dev.torii.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Tells whether path and query of a request can be read in one way only. A dot that is escaped is a
 * name to who wrote it and a step upwards to the router, which could end at another route; bytes
 * that are no text would all be read as the same replacement.
 */
final class RequestTarget {
  private RequestTarget() {}

  /**
   * What is wrong with a target, in words that do not repeat it.
   *
   * @param path escaped, as it was sent
   * @param query as {@code path}, null when there is none
   * @return null when nothing is
   */
  static String fault(String path, String query) {
    if (path.indexOf('%') >= 0) {
      if (!isUtf8(path)) {
        return "The path is not UTF-8";
      }
      for (String segment : path.split("/", -1)) {
        if (isEscapedDots(segment)) {
          return "A part of the path is only dots";
        }
      }
    }
    return query != null && query.indexOf('%') >= 0 && !isUtf8(query)
        ? "The query is not UTF-8"
        : null;
  }

  private static boolean isEscapedDots(String segment) {
    if (segment.indexOf('%') < 0) {
      return false;
    }
    String plain = segment.replace("%2e", ".").replace("%2E", ".");
    return plain.equals(".") || plain.equals("..");
  }

  /** A broken escape is as good as a character here; the router tells of it. */
  private static boolean isUtf8(String escaped) {
    var bytes = new ByteArrayOutputStream(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '%' && i + 2 < escaped.length() && isHex(escaped, i + 1)) {
        bytes.write(Integer.parseInt(escaped, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(c < 0x80 ? c : '?');
      }
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean isHex(String text, int at) {
    return Character.digit(text.charAt(at), 16) >= 0
        && Character.digit(text.charAt(at + 1), 16) >= 0;
  }
}
