package dev.torii.http;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * One path or query parameter of the contract and what its value must be.
 *
 * @param integer whether it is a whole number; it is a text otherwise
 * @param min smallest number, or fewest characters
 * @param max largest number, or most characters
 * @param form form of a text, null for any
 */
record Parameter(
    String name, boolean required, boolean integer, long min, long max, TextForm form) {

  /** The parameter that {@code definition} declares, references already followed. */
  static Parameter of(JsonObject definition, JsonObject schema) {
    boolean integer = "integer".equals(schema.getString("type"));
    return new Parameter(
        definition.getString("name"),
        definition.getBoolean("required", false),
        integer,
        schema.getLong(integer ? "minimum" : "minLength", integer ? Long.MIN_VALUE : 0),
        schema.getLong(integer ? "maximum" : "maxLength", Long.MAX_VALUE),
        form(schema));
  }

  private static TextForm form(JsonObject schema) {
    if (schema.containsKey("enum")) {
      return TextForm.oneOf(schema.getJsonArray("enum").stream().map(String.class::cast).toList());
    }
    if ("boolean".equals(schema.getString("type"))) {
      return TextForm.oneOf(List.of("true", "false"));
    }
    if (schema.containsKey("pattern")) {
      return TextForm.pattern(schema.getString("pattern"));
    }
    return schema.containsKey("format") ? TextForm.format(schema.getString("format")) : null;
  }

  /** What is wrong with {@code value}, in words that do not repeat it. */
  Optional<String> fault(String value) {
    return Optional.ofNullable(integer ? numberFault(value) : textFault(value));
  }

  private String numberFault(String value) {
    return WholeNumber.parse(value, min, max).isPresent() ? null : WholeNumber.rule(min, max);
  }

  private String textFault(String value) {
    int characters = value.codePointCount(0, value.length());
    if (characters < min) {
      return min == 1 ? "must not be empty" : "must be at least " + min + " characters";
    }
    if (characters > max) {
      return "must be at most " + max + " characters";
    }
    if (form != null) {
      return form.fits().test(value) ? null : form.detail();
    }
    return value.codePoints().anyMatch(Parameter::isNoText)
        ? "must not have control characters"
        : null;
  }

  /** Control characters (NUL among them) and halves of surrogate pairs. */
  private static boolean isNoText(int character) {
    int type = Character.getType(character);
    return type == Character.CONTROL || type == Character.SURROGATE;
  }
}
