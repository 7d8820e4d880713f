package dev.torii.http;

import dev.torii.failure.FieldError;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.OutputUnit;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Puts what the schema library found into words for people, from the schema alone: a value that was
 * sent is never repeated.
 *
 * <p>The library reports a fault once for itself and once for each schema around it. Only the
 * innermost is kept, except for alternatives, where the faults of each branch would say little.
 */
final class SchemaFaults {
  /** Faults that are listed at most. */
  static final int MOST = 50;

  /** Characters of an unknown name that are shown. */
  private static final int NAME_SHOWN = 64;

  private static final Pattern ONE_DIGIT = Pattern.compile("%([0-9A-F])(?![0-9A-F])");

  private static final Set<String> AROUND =
      Set.of("properties", "patternProperties", "items", "prefixItems", "allOf", "propertyNames");
  private static final Set<String> ALTERNATIVES = Set.of("oneOf", "anyOf", "not", "if");

  private final JsonObject schema;
  private final Map<String, String> faults = new LinkedHashMap<>();

  SchemaFaults(JsonObject schema) {
    this.schema = schema;
  }

  /** The faults in the order in which the library met them. */
  List<FieldError> describe(OutputUnit report) {
    List<String> closed = new ArrayList<>();
    for (OutputUnit unit : report.getErrors()) {
      String location = unit.getKeywordLocation();
      if (closed.stream().anyMatch(prefix -> location.startsWith(prefix + "/"))) {
        continue;
      }
      String keyword = location.substring(location.lastIndexOf('/') + 1);
      if (ALTERNATIVES.contains(keyword)) {
        closed.add(location);
      }
      if (faults.size() < MOST && !AROUND.contains(keyword)) {
        add(keyword, unit);
      }
    }
    return faults.entrySet().stream().map(f -> new FieldError(f.getKey(), f.getValue())).toList();
  }

  private void add(String keyword, OutputUnit unit) {
    String pointer = pointer(unit.getInstanceLocation());
    JsonObject around = schemaAround(unit.getKeywordLocation());
    if (keyword.equals("required")) {
      faults.putIfAbsent(pointer + "/" + escaped(lastQuoted(unit.getError())), "is required");
    } else if (keyword.equals("additionalProperties")) {
      // the library reports a known field here too when its value is at fault
      String field = unescaped(pointer.substring(pointer.lastIndexOf('/') + 1));
      boolean known = around.getJsonObject("properties", new JsonObject()).containsKey(field);
      if (!known && Boolean.FALSE.equals(around.getValue(keyword))) {
        faults.putIfAbsent(pointer, "is not a known field");
      }
    } else {
      faults.putIfAbsent(pointer, detail(keyword, around, unit.getError()));
    }
  }

  private static String detail(String keyword, JsonObject schema, String form) {
    Object bound = schema.getValue(keyword);
    return switch (keyword) {
      case "type" -> "must be " + type(bound);
      case "minLength" ->
          bound.equals(1) ? "must not be empty" : "must be at least " + bound + " characters";
      case "maxLength" -> "must be at most " + bound + " characters";
      case "minimum" -> "must be at least " + bound;
      case "maximum" -> "must be at most " + bound;
      case "exclusiveMinimum" -> "must be more than " + bound;
      case "exclusiveMaximum" -> "must be less than " + bound;
      case "multipleOf" -> "must be a multiple of " + bound;
      case "minItems" -> "must have at least " + counted(bound, "item");
      case "maxItems" -> "must have at most " + counted(bound, "item");
      case "uniqueItems" -> "must not have an item twice";
      case "minProperties" -> "must have at least " + counted(bound, "field");
      case "maxProperties" -> "must have at most " + counted(bound, "field");
      case "enum" ->
          "must be one of "
              + ((JsonArray) bound).stream().map(String::valueOf).collect(Collectors.joining(", "));
      case "const" -> "must be " + bound;
      case "format" -> schema.getString("x-detail", form);
      default -> schema.getString("x-detail", "does not have the expected form");
    };
  }

  private static String counted(Object number, String noun) {
    return number.equals(1) ? "one " + noun : number + " " + noun + "s";
  }

  private static String type(Object type) {
    if (type instanceof JsonArray types) {
      return types.stream().map(SchemaFaults::type).collect(Collectors.joining(" or "));
    }
    return switch ((String) type) {
      case "integer" -> "a whole number";
      case "object" -> "an object";
      case "array" -> "an array";
      case "boolean" -> "true or false";
      case "null" -> "null";
      default -> "a " + type;
    };
  }

  /** The schema that holds the keyword at the end of {@code location}. */
  private JsonObject schemaAround(String location) {
    Object node = schema;
    String[] steps = location.split("/", -1);
    for (int i = 1; i < steps.length - 1; i++) {
      node =
          node instanceof JsonArray array
              ? array.getValue(Integer.parseInt(steps[i]))
              : ((JsonObject) node).getValue(unescaped(steps[i]));
    }
    return (JsonObject) node;
  }

  private static String unescaped(String step) {
    return step.replace("~1", "/").replace("~0", "~");
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  /** As much of a name from a client as is repeated, whole characters only. */
  static String shown(String name) {
    return name.codePointCount(0, name.length()) > NAME_SHOWN
        ? name.substring(0, name.offsetByCodePoints(0, NAME_SHOWN)) + "…"
        : name;
  }

  /** The name at the end of the library's sentence about it; it comes from the contract. */
  private static String lastQuoted(String sentence) {
    int end = sentence.lastIndexOf('"');
    return sentence.substring(sentence.lastIndexOf('"', end - 1) + 1, end);
  }

  /** A JSON pointer from the library's URI fragment, with a very long name cut. */
  private static String pointer(String location) {
    String pointer = decoded(location.substring(1));
    int name = pointer.lastIndexOf('/') + 1;
    return pointer.substring(0, name) + escaped(shown(unescaped(pointer.substring(name))));
  }

  private static String decoded(String fragment) {
    if (fragment.indexOf('%') < 0) {
      return fragment;
    }
    // the library writes the first control characters with one digit
    String escapes = ONE_DIGIT.matcher(fragment).replaceAll("%0$1");
    return URLDecoder.decode(escapes.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
