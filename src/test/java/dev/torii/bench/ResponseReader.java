package dev.torii.bench;

/**
 * Finds the end of one HTTP/1.1 response in a buffer: just enough of the protocol to know the
 * status and where the body lies, without allocating.
 */
final class ResponseReader {
  private static final byte[] CONTENT_LENGTH = lower("content-length");
  private static final byte[] TRANSFER_ENCODING = lower("transfer-encoding");
  private static final int CHUNKED = -2;

  private int status;
  private int bodyStart;

  /**
   * Looks at {@code buffer[0, limit)}.
   *
   * @return length of the response in bytes when it is complete, else -1
   * @throws IllegalStateException when this cannot be the beginning of a response
   */
  int read(byte[] buffer, int limit) {
    if (limit < 16) {
      return -1;
    }
    if (buffer[0] != 'H' || buffer[8] != ' ') {
      throw new IllegalStateException("not an HTTP/1.1 response");
    }
    status = (buffer[9] - '0') * 100 + (buffer[10] - '0') * 10 + (buffer[11] - '0');
    int length = status == 204 || status == 304 ? 0 : -1;
    int line = endOfLine(buffer, 12, limit);
    while (line >= 0) {
      if (line + 1 >= limit) {
        return -1;
      }
      if (buffer[line] == '\r' && buffer[line + 1] == '\n') {
        bodyStart = line + 2;
        return end(buffer, limit, length);
      }
      if (startsWith(buffer, line, limit, CONTENT_LENGTH)) {
        length = number(buffer, line + CONTENT_LENGTH.length + 1, 10);
      } else if (startsWith(buffer, line, limit, TRANSFER_ENCODING)) {
        length = CHUNKED;
      }
      line = endOfLine(buffer, line, limit);
    }
    return -1;
  }

  int status() {
    return status;
  }

  /** Index of the first byte after the head, valid after a complete read. */
  int bodyStart() {
    return bodyStart;
  }

  private int end(byte[] buffer, int limit, int length) {
    if (length == CHUNKED) {
      return endOfChunks(buffer, limit);
    }
    if (length < 0) {
      throw new IllegalStateException("a response of unknown length cannot be kept alive");
    }
    return bodyStart + length <= limit ? bodyStart + length : -1;
  }

  /** Trailers are not expected: after the last chunk one empty line ends the response. */
  private int endOfChunks(byte[] buffer, int limit) {
    int at = bodyStart;
    while (true) {
      int data = endOfLine(buffer, at, limit);
      if (data < 0) {
        return -1;
      }
      int size = number(buffer, at, 16);
      at = data + size + 2;
      if (at > limit) {
        return -1;
      }
      if (size == 0) {
        return at;
      }
    }
  }

  /** Index after the next line feed, -1 when there is none before {@code limit}. */
  private static int endOfLine(byte[] buffer, int from, int limit) {
    for (int i = from; i < limit; i++) {
      if (buffer[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private static boolean startsWith(byte[] buffer, int at, int limit, byte[] lowerName) {
    if (at + lowerName.length >= limit || buffer[at + lowerName.length] != ':') {
      return false;
    }
    for (int i = 0; i < lowerName.length; i++) {
      if ((buffer[at + i] | 0x20) != lowerName[i]) {
        return false;
      }
    }
    return true;
  }

  private static int number(byte[] buffer, int at, int radix) {
    int i = at;
    while (buffer[i] == ' ') {
      i++;
    }
    int value = 0;
    for (int digit = Character.digit(buffer[i], radix);
        digit >= 0;
        digit = Character.digit(buffer[i], radix)) {
      value = value * radix + digit;
      i++;
    }
    return value;
  }

  private static byte[] lower(String name) {
    return name.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  }
}
