package dev.torii.images;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an analysis looks like: the schema that an analyser's answer is held against, and the fields
 * that are kept and shown.
 */
final class AnalysisForm {
  private static final String ANALYZED_AT = "analyzed_at";
  private static final List<String> SAID =
      List.of("waste_type", "confidence", "feedback", "category", "recyclable");
  private static final List<String> FIELDS =
      List.of("waste_type", "confidence", "feedback", "category", "recyclable", ANALYZED_AT);

  /** Among them one that PostgreSQL cannot keep in JSON. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cs}&&[^\\t\\r\\n]]");

  private final JsonObject schema;
  private final Validator said;
  private final Validator stored;

  /**
   * @param categories allowed values of {@code category}; empty for any
   */
  AnalysisForm(List<String> categories) {
    schema = schema(categories);
    said = validator(schema);
    JsonObject kept = schema(List.of()).put("additionalProperties", true);
    kept.getJsonObject("properties").put(ANALYZED_AT, text(64));
    kept.getJsonArray("required").add(ANALYZED_AT);
    stored = validator(kept);
  }

  /** The schema of an analyser's answer. */
  JsonObject schema() {
    return schema.copy();
  }

  /**
   * What an analyser said, in the words of the form.
   *
   * @param text a JSON object, bare or as Markdown fences it
   * @throws AnalyserException when it is none, or does not fit
   */
  JsonObject read(String text) throws AnalyserException {
    JsonObject answer;
    try {
      answer = new JsonObject(unfenced(text));
    } catch (DecodeException | ClassCastException e) {
      throw new AnalyserException("The analyser's answer is not a JSON object", e);
    }
    OutputUnit verdict = said.validate(answer);
    if (!Boolean.TRUE.equals(verdict.getValid())) {
      throw new AnalyserException("The analyser's answer does not fit: " + fault(verdict));
    }
    JsonObject words = only(answer, SAID);
    if (words.stream().anyMatch(AnalysisForm::isUnprintable)) {
      throw new AnalyserException("The analyser's answer does not fit: it has control characters");
    }
    return words;
  }

  /**
   * What was stored, by whatever service, when it fits the form. It is written anew, so that
   * nothing else leaves that the reader of JSON lets pass: fields of others, comments.
   */
  Optional<Buffer> readStored(Buffer bytes) {
    try {
      JsonObject found = new JsonObject(bytes);
      if (!Boolean.TRUE.equals(stored.validate(found).getValid())) {
        return Optional.empty();
      }
      // With a zone or without: others write both.
      DateTimeFormatter.ISO_DATE_TIME.parse(found.getString(ANALYZED_AT));
      return Optional.of(only(found, FIELDS).toBuffer());
    } catch (DecodeException | ClassCastException | DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static boolean isUnprintable(Map.Entry<String, Object> field) {
    return field.getValue() instanceof String text && UNPRINTABLE.matcher(text).find();
  }

  private static JsonObject only(JsonObject from, List<String> fields) {
    var kept = new JsonObject();
    fields.forEach(field -> kept.put(field, from.getValue(field)));
    return kept;
  }

  private static String unfenced(String text) {
    String bare = text.strip();
    if (bare.startsWith("```") && bare.endsWith("```") && bare.indexOf('\n') > 0) {
      return bare.substring(bare.indexOf('\n') + 1, bare.length() - 3);
    }
    return bare;
  }

  private static String fault(OutputUnit verdict) {
    List<OutputUnit> errors = verdict.getErrors();
    if (errors == null || errors.isEmpty()) {
      return "another form";
    }
    String words = errors.get(errors.size() - 1).getError();
    return words.length() > 200 ? words.substring(0, 200) : words;
  }

  private static JsonObject schema(List<String> categories) {
    JsonObject category = text(100);
    if (!categories.isEmpty()) {
      category.put("enum", new JsonArray(List.copyOf(categories)));
    }
    var properties =
        new JsonObject()
            .put("waste_type", text(100))
            .put("confidence", new JsonObject().put("type", "number"))
            .put("feedback", text(4000))
            .put("category", category)
            .put("recyclable", new JsonObject().put("type", "boolean"));
    properties.getJsonObject("confidence").put("minimum", 0).put("maximum", 1);
    return new JsonObject()
        .put("type", "object")
        .put("properties", properties)
        .put("required", new JsonArray(SAID.stream().map(Object.class::cast).toList()).copy())
        .put("additionalProperties", false);
  }

  private static JsonObject text(int longest) {
    return new JsonObject().put("type", "string").put("minLength", 1).put("maxLength", longest);
  }

  private static Validator validator(JsonObject schema) {
    var options =
        new JsonSchemaOptions()
            .setBaseUri("urn:torii:images")
            .setDraft(Draft.DRAFT202012)
            .setOutputFormat(OutputFormat.Basic);
    return SchemaRepository.create(options).validator(JsonSchema.of(schema), options);
  }
}
