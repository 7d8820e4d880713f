package dev.torii.profiles;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** A document that applications keep for a user: its bounds, and its form in the cache. */
final class UserDocument {
  /** Largest document, in bytes of compact JSON. */
  static final int MAX_BYTES = 16_384;

  /** Objects and arrays within one another in the value of one name. */
  static final int MAX_DEPTH = 8;

  private UserDocument() {}

  /**
   * The document as compact JSON.
   *
   * @param document whose names and their number were held against the contract
   * @throws Failure INVALID when it is too large or too deep
   */
  static String checked(JsonObject document) {
    List<FieldError> faults = new ArrayList<>();
    for (Map.Entry<String, Object> field : document.getMap().entrySet()) {
      if (isDeeper(field.getValue(), MAX_DEPTH)) {
        faults.add(
            new FieldError("/" + field.getKey(), "must not be nested more than 8 levels deep"));
      }
    }
    String json = document.encode();
    if (json.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      faults.add(new FieldError("", "must be at most " + MAX_BYTES + " bytes of compact JSON"));
    }
    if (!faults.isEmpty()) {
      throw Failure.invalid(faults);
    }
    return json;
  }

  /**
   * The published form.
   *
   * @param name of the document in answers
   * @param document compact JSON, null for none yet
   * @param more further fields with their commas, may be empty
   * @param updatedAt null for none yet
   */
  static Buffer toJson(String name, String document, String more, Instant updatedAt) {
    return Buffer.buffer("{\"")
        .appendString(name)
        .appendString("\":")
        .appendString(document == null ? "{}" : document)
        .appendString(more)
        .appendString(",\"updated_at\":")
        .appendString(updatedAt == null ? "null" : "\"" + updatedAt + "\"")
        .appendString("}");
  }

  private static boolean isDeeper(Object value, int levels) {
    Collection<?> parts =
        value instanceof Map<?, ?> object
            ? object.values()
            : value instanceof List<?> array ? array : null;
    return parts != null
        && (levels == 0 || parts.stream().anyMatch(part -> isDeeper(part, levels - 1)));
  }
}
