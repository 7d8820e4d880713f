package dev.torii.http;

import dev.torii.failure.FieldError;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.util.List;
import java.util.Map;

/**
 * A schema, of the contract or of a feature, ready to hold JSON against it; shared by all threads.
 *
 * <p>JSON that fits is told by the quick validator, which stops at the first fault. Only when there
 * is one does the thorough validator look for them all.
 */
public final class BodySchema {
  private static final String BASE_URI = "urn:torii:contract";

  private final JsonObject schema;
  private final Validator quick;
  private final Validator thorough;

  private BodySchema(JsonObject schema, Validator quick, Validator thorough) {
    this.schema = schema;
    this.quick = quick;
    this.thorough = thorough;
  }

  /**
   * Compiles a schema that may refer to others of {@code document}.
   *
   * @throws IllegalStateException when a reference leads nowhere or back to itself
   */
  public static BodySchema compile(JsonObject document, JsonObject schema) {
    var inliner = new SchemaInliner(document);
    JsonObject inlined = inliner.inline(schema);
    Map<String, TextForm> forms = inliner.forms();
    return new BodySchema(
        inlined,
        validator(inlined, forms, OutputFormat.Flag),
        validator(inlined, forms, OutputFormat.Basic));
  }

  private static Validator validator(
      JsonObject schema, Map<String, TextForm> forms, OutputFormat output) {
    var options =
        new JsonSchemaOptions()
            .setBaseUri(BASE_URI)
            .setDraft(Draft.DRAFT202012)
            .setOutputFormat(output);
    return SchemaRepository.create(options, (type, form, value) -> faultOf(forms, form, value))
        .validator(JsonSchema.of(schema), options, false);
  }

  private static String faultOf(Map<String, TextForm> forms, String form, Object value) {
    if (form == null || !(value instanceof String text)) {
      return null;
    }
    TextForm expected = forms.get(form);
    return expected.fits().test(text) ? null : expected.detail();
  }

  /**
   * All faults, at most one for each place and at most 50 together.
   *
   * @return empty when {@code json} fits
   */
  public List<FieldError> check(Object json) {
    if (quick.validate(json).getValid()) {
      return List.of();
    }
    return new SchemaFaults(schema).describe(thorough.validate(bounded(json)));
  }

  /**
   * The same object without most of its unknown fields when it has very many: no more faults are
   * listed, and looking for all of them would hold up the event loop for 20 ms.
   */
  private Object bounded(Object json) {
    JsonObject known = schema.getJsonObject("properties");
    if (known == null
        || !(json instanceof JsonObject object)
        || object.size() <= known.size() + SchemaFaults.MOST) {
      return json;
    }
    var bounded = new JsonObject();
    int unknown = 0;
    for (Map.Entry<String, Object> field : object) {
      if (known.containsKey(field.getKey()) || unknown++ < SchemaFaults.MOST) {
        bounded.put(field.getKey(), field.getValue());
      }
    }
    return bounded;
  }
}
