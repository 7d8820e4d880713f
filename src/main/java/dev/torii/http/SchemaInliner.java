package dev.torii.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import io.vertx.json.schema.JsonSchema;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Makes one self-contained schema out of a schema of the contract: references are replaced by what
 * they name, and {@code format} and {@code pattern} by names of compiled {@link TextForm}s.
 *
 * <p>Every sub-schema of the result already has the library's own type. The library would otherwise
 * put it there during validation, which would change a schema that all event loops share. Its own
 * checks of formats are left aside: they fail with an exception on an empty address, and a pattern
 * would be compiled again for each text.
 */
final class SchemaInliner {
  private static final String FORMAT = "format";
  private static final String PATTERN = "pattern";
  private static final Set<String> SCHEMA_MAPS =
      Set.of("properties", "patternProperties", "dependentSchemas");
  private static final Set<String> ANNOTATIONS =
      Set.of("description", "title", "example", "examples", "default", "deprecated");

  private final JsonObject document;
  private final Map<String, TextForm> forms = new HashMap<>();
  private final Deque<String> references = new ArrayDeque<>();

  SchemaInliner(JsonObject document) {
    this.document = document;
  }

  /** The forms that inlined schemas name. */
  Map<String, TextForm> forms() {
    return Map.copyOf(forms);
  }

  /**
   * The schema without references.
   *
   * @throws IllegalStateException when a reference leads nowhere or back to itself
   */
  JsonObject inline(JsonObject schema) {
    String reference = schema.getString("$ref");
    if (reference == null) {
      return copy(schema);
    }
    if (references.contains(reference)) {
      throw new IllegalStateException("the contract's schema " + reference + " contains itself");
    }
    references.push(reference);
    JsonObject target = resolve(document, schema).copy();
    schema.forEach(
        sibling -> {
          if (!sibling.getKey().equals("$ref")) {
            target.put(sibling.getKey(), sibling.getValue());
          }
        });
    JsonObject inlined = inline(target);
    references.pop();
    return inlined;
  }

  /** What {@code node} refers to, or {@code node} when it is no reference. */
  static JsonObject resolve(JsonObject document, JsonObject node) {
    String reference = node.getString("$ref");
    if (reference == null) {
      return node;
    }
    if (reference.startsWith("#/")
        && JsonPointer.from(reference.substring(1)).queryJson(document)
            instanceof JsonObject target) {
      return resolve(document, target);
    }
    throw new IllegalStateException("the contract refers to " + reference + ", which is not there");
  }

  private JsonObject copy(JsonObject schema) {
    var copy = new JsonObject();
    schema.forEach(
        keyword -> {
          String name = keyword.getKey();
          if (!ANNOTATIONS.contains(name)) {
            copy.put(name, value(name, keyword.getValue()));
          }
        });
    nameForm(copy);
    return (JsonObject) JsonSchema.of(copy);
  }

  private Object value(String keyword, Object value) {
    if (keyword.equals("enum") || keyword.equals("const")) {
      return value;
    }
    if (value instanceof JsonObject object) {
      return SCHEMA_MAPS.contains(keyword) ? inlineValues(object) : inline(object);
    }
    if (value instanceof JsonArray array) {
      var copy = new JsonArray();
      array.forEach(item -> copy.add(item instanceof JsonObject sub ? inline(sub) : item));
      return copy;
    }
    return value;
  }

  private JsonObject inlineValues(JsonObject schemas) {
    var copy = new JsonObject();
    schemas.forEach(entry -> copy.put(entry.getKey(), inline((JsonObject) entry.getValue())));
    return copy;
  }

  private void nameForm(JsonObject schema) {
    Object format = schema.remove(FORMAT);
    Object pattern = schema.remove(PATTERN);
    if (format != null && pattern != null) {
      throw new IllegalStateException("the contract gives one text a format and a pattern");
    }
    if (format != null) {
      schema.put(FORMAT, register("format:" + format, TextForm.format((String) format)));
    } else if (pattern != null) {
      schema.put(FORMAT, register("pattern:" + pattern, TextForm.pattern((String) pattern)));
    }
  }

  private String register(String name, TextForm form) {
    forms.put(name, form);
    return name;
  }
}
