package dev.torii.http;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes the one file out of a {@code multipart/form-data} body, in whatever pieces that arrives.
 *
 * <p>Strict, as {@link StrictJson} is: the body begins with the boundary and holds the one part
 * that is asked for, a file, and nothing else. So no more is kept in memory than the head of one
 * part, at most {@value #MOST_HEAD_BYTES} bytes, and the piece in which a boundary may have begun.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7578">RFC 7578</a>
 */
final class MultipartParser {
  private static final int MOST_HEAD_BYTES = 4096;
  private static final byte[] END_OF_HEAD = ascii("\r\n\r\n");

  private final String field;
  private final byte[] delimiter;
  private final Consumer<Buffer> content;
  private Place place = Place.FIRST_DELIMITER;
  private byte[] rest = ascii("\r\n");
  private PartHead head;

  /**
   * @param boundary as {@link PartHead#boundary} found it
   * @param field name of the part that is asked for
   * @param content takes what the file holds, piece by piece
   */
  MultipartParser(String boundary, String field, Consumer<Buffer> content) {
    this.field = field;
    this.delimiter = ascii("\r\n--" + boundary);
    this.content = content;
  }

  /**
   * Takes the next piece of the body.
   *
   * @throws Failure MALFORMED, or INVALID with a pointer to the part that should not be there
   */
  void feed(Buffer piece) {
    byte[] bytes = joined(rest, piece.getBytes());
    int at = 0;
    for (int next = 0; next >= 0; ) {
      next =
          switch (place) {
            case FIRST_DELIMITER -> skipFirstDelimiter(bytes, at);
            case AFTER_DELIMITER -> afterDelimiter(bytes, at);
            case HEAD -> readHead(bytes, at);
            case CONTENT -> readContent(bytes, at);
            case AFTER_LAST -> -1;
          };
      at = next < 0 ? at : next;
    }
    rest =
        switch (place) {
          case AFTER_LAST -> new byte[0];
          case CONTENT -> keepPossibleDelimiter(bytes, at);
          default -> Arrays.copyOfRange(bytes, at, bytes.length);
        };
  }

  /**
   * Tells what was sent when the body has ended.
   *
   * @throws Failure MALFORMED when the last boundary is missing, INVALID when there was no file
   */
  PartHead end() {
    if (place != Place.AFTER_LAST) {
      throw malformed("the body ends before its last boundary");
    }
    if (head == null) {
      throw invalid(field, "is required");
    }
    return head;
  }

  private int skipFirstDelimiter(byte[] bytes, int at) {
    int seen = Math.min(bytes.length - at, delimiter.length);
    if (Arrays.mismatch(bytes, at, at + seen, delimiter, 0, seen) >= 0) {
      throw malformed("the body does not begin with its boundary");
    }
    if (seen < delimiter.length) {
      return -1;
    }
    place = Place.AFTER_DELIMITER;
    return at + seen;
  }

  private int afterDelimiter(byte[] bytes, int at) {
    if (bytes.length - at < 2) {
      return -1;
    }
    if (bytes[at] == '-' && bytes[at + 1] == '-') {
      place = Place.AFTER_LAST;
    } else if (bytes[at] == '\r' && bytes[at + 1] == '\n') {
      place = Place.HEAD;
      return at; // the line's end is also that before the first header
    } else {
      throw malformed("a boundary is followed by what cannot follow it");
    }
    return at + 2;
  }

  private int readHead(byte[] bytes, int at) {
    int end = indexOf(END_OF_HEAD, bytes, at);
    int length = (end < 0 ? bytes.length : end) - at;
    if (length > MOST_HEAD_BYTES) {
      throw malformed("the headers of a part are too large");
    }
    if (end < 0) {
      return -1;
    }
    PartHead found = PartHead.parse(new String(bytes, at, length, StandardCharsets.UTF_8));
    if (!found.name().equals(field)) {
      throw invalid(found.name(), "is not a known part; the file is sent as " + field);
    }
    if (head != null) {
      throw invalid(field, "must be sent once");
    }
    if (found.fileName() == null) {
      throw invalid(field, "must be a file");
    }
    head = found;
    place = Place.CONTENT;
    return end + END_OF_HEAD.length;
  }

  private int readContent(byte[] bytes, int at) {
    int end = indexOf(delimiter, bytes, at);
    if (end < 0) {
      return -1;
    }
    give(bytes, at, end);
    place = Place.AFTER_DELIMITER;
    return end + delimiter.length;
  }

  private byte[] keepPossibleDelimiter(byte[] bytes, int at) {
    int end = Math.max(at, bytes.length - delimiter.length + 1);
    give(bytes, at, end);
    return Arrays.copyOfRange(bytes, end, bytes.length);
  }

  private void give(byte[] bytes, int from, int to) {
    if (to > from) {
      content.accept(Buffer.buffer(to - from).appendBytes(bytes, from, to - from));
    }
  }

  /** What is searched begins with CR and a boundary holds none, so no byte is compared often. */
  private static int indexOf(byte[] wanted, byte[] bytes, int from) {
    for (int i = from; i <= bytes.length - wanted.length; i++) {
      if (bytes[i] == '\r'
          && Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    return -1;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static Failure malformed(String what) {
    return Failure.of(ErrorCode.MALFORMED, "The multipart body could not be read: " + what);
  }

  static Failure invalid(String name, String fault) {
    String pointer = "/" + SchemaFaults.shown(name).replace("~", "~0").replace("/", "~1");
    return Failure.invalid(List.of(new FieldError(pointer, fault)));
  }

  /** Where in the body the next byte stands. */
  private enum Place {
    FIRST_DELIMITER,
    AFTER_DELIMITER,
    HEAD,
    CONTENT,
    AFTER_LAST
  }
}
