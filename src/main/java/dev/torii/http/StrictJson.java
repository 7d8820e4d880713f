package dev.torii.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a JSON object from a client and refuses what two readers could understand differently or
 * what PostgreSQL cannot store.
 *
 * <p>Refused are: bytes that are not UTF-8; anything but one object, or something after it; a name
 * that stands twice in one object; NUL and halves of surrogate pairs, raw or escaped, in texts and
 * names; whole numbers beyond 64 bits and fractions beyond or too small for {@code double}; numbers
 * of more than 100 characters; names of more than 1,024 characters; nesting deeper than 64. The
 * size of the body is the caller's to limit.
 */
public final class StrictJson {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER_LENGTH = 100;
  private static final int MAX_NAME_LENGTH = 1024;

  /** Names come from clients, so they are not remembered between bodies. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(MAX_NAME_LENGTH)
                  .build())
          .build();

  private StrictJson() {}

  /**
   * The object that {@code body} holds.
   *
   * @throws Failure {@link ErrorCode#MALFORMED}, with the place of the fault but nothing of the
   *     content
   */
  public static JsonObject parse(Buffer body) {
    CharBuffer text = decode(body);
    try (JsonParser parser =
        FACTORY.createParser(text.array(), text.arrayOffset(), text.remaining())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw malformed("the body must be a JSON object");
      }
      Map<String, Object> object = object(parser);
      if (parser.nextToken() != null) {
        throw malformed("something follows the JSON object", parser.currentTokenLocation());
      }
      return new JsonObject(object);
    } catch (StreamConstraintsException e) {
      throw malformed(limit(e), e.getLocation());
    } catch (JsonProcessingException e) {
      throw malformed("not valid JSON", e.getLocation());
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  /** Which limit was passed; the parser has one class and one sentence for each. */
  private static String limit(StreamConstraintsException e) {
    String words = e.getOriginalMessage();
    if (words.contains("nesting depth")) {
      return "nested deeper than " + MAX_DEPTH;
    }
    return words.contains("Name length")
        ? "a name has more than " + MAX_NAME_LENGTH + " characters"
        : "a text or a number is too long";
  }

  private static CharBuffer decode(Buffer body) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(body.getBytes()));
    } catch (CharacterCodingException e) {
      throw malformed("the body is not UTF-8");
    }
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = text(parser, parser.currentName());
      if (object.containsKey(name)) {
        throw malformed("a name stands twice in one object", parser.currentTokenLocation());
      }
      parser.nextToken();
      object.put(name, value(parser));
    }
    return object;
  }

  private static List<Object> array(JsonParser parser) throws IOException {
    List<Object> array = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(parser));
    }
    return array;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> text(parser, parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw malformed("not valid JSON", parser.currentTokenLocation());
    };
  }

  private static Number number(JsonParser parser) throws IOException {
    if (parser.getTextLength() > MAX_NUMBER_LENGTH) {
      throw malformed("a number is too long", parser.currentTokenLocation());
    }
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        ? wholeNumber(parser)
        : fraction(parser);
  }

  private static Number wholeNumber(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> parser.getIntValue();
      case LONG -> parser.getLongValue();
      default -> throw malformed("a number is out of range", parser.currentTokenLocation());
    };
  }

  private static Double fraction(JsonParser parser) throws IOException {
    double value = parser.getDoubleValue();
    if (Double.isInfinite(value) || (value == 0 && !isZero(parser.getText()))) {
      throw malformed("a number is out of range", parser.currentTokenLocation());
    }
    return value;
  }

  /** Whether a number is none, and not only too small to be told from none. */
  private static boolean isZero(String number) {
    for (int i = 0; i < number.length(); i++) {
      char c = number.charAt(i);
      if (c == 'e' || c == 'E') {
        return true;
      }
      if (c >= '1' && c <= '9') {
        return false;
      }
    }
    return true;
  }

  private static String text(JsonParser parser, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        throw malformed("a text contains NUL", parser.currentTokenLocation());
      }
      if (Character.isSurrogate(c)) {
        boolean pair = i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1));
        if (!pair) {
          throw malformed("a text is not valid Unicode", parser.currentTokenLocation());
        }
        i++;
      }
    }
    return text;
  }

  private static Failure malformed(String what, JsonLocation at) {
    return malformed(
        at == null || at.getLineNr() < 1
            ? what
            : what + " at line " + at.getLineNr() + ", column " + at.getColumnNr());
  }

  private static Failure malformed(String detail) {
    return Failure.of(ErrorCode.MALFORMED, detail);
  }
}
