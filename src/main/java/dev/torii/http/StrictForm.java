package dev.torii.http;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads a form ({@code application/x-www-form-urlencoded}) from a client and refuses what two
 * readers could understand differently.
 *
 * <p>Refused are: a name that stands twice, a broken escape, what is not UTF-8 once unescaped, NUL,
 * and more than {@value #MOST_FIELDS} fields. A field without a value is as good as none (RFC 6749,
 * section 3.2). The size of the body is the caller's to limit.
 */
public final class StrictForm {
  private static final int MOST_FIELDS = 64;

  private StrictForm() {}

  /**
   * The fields of {@code body} as a JSON object of texts.
   *
   * @throws Failure {@link ErrorCode#MALFORMED}, with nothing of the content
   */
  public static JsonObject parse(Buffer body) {
    var form = new JsonObject();
    byte[] bytes = body.getBytes();
    int fields = 0;
    for (int from = 0; from < bytes.length; ) {
      int end = indexOf(bytes, '&', from, bytes.length);
      if (end > from) {
        if (++fields > MOST_FIELDS) {
          throw malformed("the form has too many fields");
        }
        add(form, bytes, from, end);
      }
      from = end + 1;
    }
    form.getMap().values().removeIf(""::equals);
    return form;
  }

  private static void add(JsonObject form, byte[] bytes, int from, int end) {
    int equals = indexOf(bytes, '=', from, end);
    String name = decode(bytes, from, equals);
    if (form.containsKey(name)) {
      throw malformed("a name stands twice in the form");
    }
    form.put(name, equals == end ? "" : decode(bytes, equals + 1, end));
  }

  private static String decode(byte[] bytes, int from, int end) {
    var plain = new ByteArrayOutputStream(end - from);
    for (int i = from; i < end; i++) {
      byte b = bytes[i];
      if (b == '+') {
        plain.write(' ');
      } else if (b != '%') {
        plain.write(b);
      } else if (end - i > 2) {
        plain.write(hex(bytes[i + 1]) << 4 | hex(bytes[i + 2]));
        i += 2;
      } else {
        throw malformed("an escape in the form is broken");
      }
    }
    return text(plain.toByteArray());
  }

  private static int hex(byte digit) {
    int value = Character.digit(digit, 16);
    if (value < 0) {
      throw malformed("an escape in the form is broken");
    }
    return value;
  }

  private static String text(byte[] utf8) {
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(utf8))
              .toString();
    } catch (CharacterCodingException e) {
      throw malformed("the form is not UTF-8");
    }
    if (text.indexOf(0) >= 0) {
      throw malformed("the form contains NUL");
    }
    return text;
  }

  private static int indexOf(byte[] bytes, char wanted, int from, int end) {
    for (int i = from; i < end; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return end;
  }

  private static Failure malformed(String detail) {
    return Failure.of(ErrorCode.MALFORMED, detail);
  }
}
