package dev.torii.auth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a JSON object's own members without forgiving anything: UTF-8 only, no member twice,
 * nothing after the end.
 */
final class StrictJson {
  /**
   * Stands for an array, an object, true, false or a fraction: values that no claim of ours has.
   */
  static final Object OTHER = new Object();

  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private StrictJson() {}

  /**
   * Members by name: {@link String}, {@link Long} or {@link #OTHER}.
   *
   * @throws IOException when it is anything else than one JSON object
   */
  static Map<String, Object> members(byte[] utf8) throws IOException {
    String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      var members = new HashMap<String, Object>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        members.put(name, value(parser, parser.nextToken()));
      }
      if (parser.nextToken() != null) {
        throw new IOException("more than an object");
      }
      return members;
    }
  }

  private static Object value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? OTHER
              : (Object) parser.getLongValue();
      default -> {
        parser.skipChildren();
        yield OTHER;
      }
    };
  }
}
