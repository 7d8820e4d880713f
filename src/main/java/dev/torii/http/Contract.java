package dev.torii.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The published contract {@code openapi.yaml}, read once: which operations there are and what they
 * take. It does not dispatch; the route table does, and asks here.
 *
 * <p>Immutable; one instance serves all event loops.
 */
public final class Contract {
  private static final String FILE = "/openapi.yaml";
  private static final Pattern COLON_PARAMETER = Pattern.compile(":([A-Za-z0-9_]+)");
  private static final List<HttpMethod> METHODS =
      List.of(
          HttpMethod.GET,
          HttpMethod.POST,
          HttpMethod.PUT,
          HttpMethod.PATCH,
          HttpMethod.DELETE,
          HttpMethod.OPTIONS);

  private final Buffer source;
  private final JsonObject document;
  private final Map<String, Operation> operations;

  private Contract(Buffer source, JsonObject document, Map<String, Operation> operations) {
    this.source = source;
    this.document = document;
    this.operations = operations;
  }

  /**
   * Reads the contract from the jar and compiles every schema of a body.
   *
   * @throws IllegalStateException when the contract itself is wrong
   */
  public static Contract load() {
    try (InputStream in = Contract.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException("no " + FILE + " in the jar");
      }
      return parse(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Contract parse(byte[] yaml) {
    JsonObject document = ContractJson.of(yaml).orElseGet(() -> ContractYaml.parse(yaml));
    Map<String, Operation> operations = new LinkedHashMap<>();
    JsonObject paths = document.getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      JsonObject item = paths.getJsonObject(path);
      for (HttpMethod method : METHODS) {
        JsonObject definition = item.getJsonObject(method.name().toLowerCase(Locale.ROOT));
        if (definition != null) {
          operations.put(key(method, path), operation(document, method, path, item, definition));
        }
      }
    }
    return new Contract(Buffer.buffer(yaml), document, operations);
  }

  /**
   * The operation of a route.
   *
   * @param path with parameters as {@code {name}} or {@code :name}
   * @throws IllegalStateException when the contract has none, so that a route nobody promised stops
   *     the start
   */
  public Operation operation(HttpMethod method, String path) {
    String template = COLON_PARAMETER.matcher(path).replaceAll("{$1}");
    Operation operation = operations.get(key(method, template));
    if (operation == null) {
      throw new IllegalStateException("openapi.yaml has no " + method + " " + template);
    }
    return operation;
  }

  /** All operations in the order of the file. */
  public List<Operation> operations() {
    return List.copyOf(operations.values());
  }

  /** The file as it is; shared, so not to be written to. */
  public Buffer source() {
    return source;
  }

  /** The same contract as JSON, in the order of the file; made anew for each call. */
  public Buffer json() {
    return document.toBuffer();
  }

  /** The whole contract as JSON, with references. */
  JsonObject document() {
    return document;
  }

  private static String key(HttpMethod method, String path) {
    return method.name() + " " + path;
  }

  private static Operation operation(
      JsonObject document, HttpMethod method, String path, JsonObject item, JsonObject definition) {
    return new Operation(
        method,
        path,
        definition,
        body(document, definition),
        parameters(document, item, definition, "query"),
        parameters(document, item, definition, "path"));
  }

  /** Null when the operation takes none. */
  private static Operation.Body body(JsonObject document, JsonObject definition) {
    JsonObject declared = definition.getJsonObject("requestBody");
    if (declared == null) {
      return null;
    }
    JsonObject resolved = SchemaInliner.resolve(document, declared);
    JsonObject content = resolved.getJsonObject("content");
    BodyType type =
        BodyType.of(content)
            .orElseThrow(() -> new IllegalStateException("nobody reads " + content.fieldNames()));
    JsonObject schema = content.getJsonObject(type.mediaType()).getJsonObject("schema");
    return new Operation.Body(
        type, BodySchema.compile(document, schema), resolved.getBoolean("required", false));
  }

  private static Map<String, Parameter> parameters(
      JsonObject document, JsonObject item, JsonObject definition, String place) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    for (JsonObject holder : List.of(item, definition)) {
      for (Object entry : holder.getJsonArray("parameters", new JsonArray())) {
        JsonObject parameter = SchemaInliner.resolve(document, (JsonObject) entry);
        if (place.equals(parameter.getString("in"))) {
          JsonObject schema = SchemaInliner.resolve(document, parameter.getJsonObject("schema"));
          parameters.put(parameter.getString("name"), Parameter.of(parameter, schema));
        }
      }
    }
    return Map.copyOf(parameters);
  }
}
