package dev.torii.http;

import dev.torii.failure.FieldError;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** One method of one path of the contract; immutable and shared by all event loops. */
public final class Operation {
  private static final int MOST_FAULTS = SchemaFaults.MOST;

  private final HttpMethod method;
  private final String path;
  private final JsonObject definition;
  private final Body body;
  private final Map<String, Parameter> query;
  private final Map<String, Parameter> pathParameters;
  private final boolean queryRequired;
  private final Set<String> mediaTypes;

  Operation(
      HttpMethod method,
      String path,
      JsonObject definition,
      Body body,
      Map<String, Parameter> query,
      Map<String, Parameter> pathParameters) {
    this.method = method;
    this.path = path;
    this.definition = definition;
    this.body = body;
    this.query = query;
    this.pathParameters = pathParameters;
    this.queryRequired = query.values().stream().anyMatch(Parameter::required);
    this.mediaTypes = mediaTypes(definition);
  }

  public HttpMethod method() {
    return method;
  }

  /** The path with its parameters in braces, as the contract writes it. */
  public String path() {
    return path;
  }

  /** The contract's {@code operationId}. */
  public String id() {
    return definition.getString("operationId");
  }

  /** The contract's {@code tags}. */
  public List<String> tags() {
    return definition.getJsonArray("tags", new JsonArray()).stream().map(String::valueOf).toList();
  }

  /** Whether the contract lets callers in who name nobody. */
  public boolean isOpenToAnyone() {
    JsonArray security = definition.getJsonArray("security");
    return security != null && (security.isEmpty() || security.contains(new JsonObject()));
  }

  /** Whether the contract lets programs in that have an API key. */
  public boolean isForServices() {
    return definition.getJsonArray("security", new JsonArray()).stream()
        .flatMap(each -> ((JsonObject) each).fieldNames().stream())
        .anyMatch(scheme -> scheme.startsWith("apiKey"));
  }

  /** Whether a body may be sent. */
  public boolean takesBody() {
    return body != null;
  }

  /** Whether a body must be sent. */
  public boolean bodyRequired() {
    return body != null && body.required();
  }

  /** What a body is written in, null when none is taken. */
  public BodyType bodyType() {
    return body == null ? null : body.type();
  }

  /**
   * Holds a body against the contract.
   *
   * @param json the body, null when none was sent
   * @return all faults, at most one for each field and 50 together; empty when the body fits
   */
  public List<FieldError> check(JsonObject json) {
    if (json == null) {
      return bodyRequired() ? List.of(new FieldError("", "a body is required")) : List.of();
    }
    if (body == null) {
      return List.of(new FieldError("", "no body is read here"));
    }
    return body.schema().check(json);
  }

  /**
   * Holds the query against the contract.
   *
   * @param parameters those of the query alone, decoded
   * @return all faults, each with the pointer {@code ?name}; at most 50
   */
  public List<FieldError> checkQuery(MultiMap parameters) {
    if (parameters.isEmpty() && query.isEmpty()) {
      return List.of();
    }
    List<FieldError> faults = new ArrayList<>();
    Set<String> names = parameters.names();
    for (String name : names) {
      if (faults.size() < MOST_FAULTS) {
        checkQuery(name, parameters.getAll(name), faults);
      }
    }
    for (Parameter parameter : query.values()) {
      if (parameter.required() && !parameters.contains(parameter.name())) {
        faults.add(new FieldError("?" + parameter.name(), "is required"));
      }
    }
    return faults;
  }

  private void checkQuery(String name, List<String> values, List<FieldError> faults) {
    Parameter parameter = query.get(name);
    String pointer = "?" + SchemaFaults.shown(name);
    if (parameter == null) {
      faults.add(new FieldError(pointer, "is not a known parameter"));
    } else if (values.size() > 1) {
      faults.add(new FieldError(pointer, "must be given once"));
    } else {
      parameter.fault(values.get(0)).ifPresent(f -> faults.add(new FieldError(pointer, f)));
    }
  }

  /** Whether a query must be given. */
  public boolean queryRequired() {
    return queryRequired;
  }

  /**
   * Holds path parameters against the contract.
   *
   * @param parameters decoded, by name
   * @return all faults, each with the pointer {@code /name}
   */
  public List<FieldError> checkPath(Map<String, String> parameters) {
    if (pathParameters.isEmpty()) {
      return List.of();
    }
    List<FieldError> faults = new ArrayList<>(0);
    for (Parameter parameter : pathParameters.values()) {
      String value = parameters.get(parameter.name());
      String fault = value == null ? "is required" : parameter.fault(value).orElse(null);
      if (fault != null) {
        faults.add(new FieldError("/" + parameter.name(), fault));
      }
    }
    return faults;
  }

  /**
   * Whether one of the media types that a client accepts can be given.
   *
   * @param accept value of the header {@code Accept}; weights are ignored
   */
  public boolean produces(String accept) {
    if (mediaTypes.isEmpty()) {
      return true;
    }
    String accepted = accept.toLowerCase(Locale.ROOT);
    for (String type : mediaTypes) {
      String family = type.substring(0, type.indexOf('/') + 1) + "*";
      if (accepted.contains(type) || accepted.contains(family)) {
        return true;
      }
    }
    return accepted.contains("*/*");
  }

  /** The media types of the successful answers that the contract describes. */
  private static Set<String> mediaTypes(JsonObject definition) {
    Set<String> types = new HashSet<>();
    JsonObject responses = definition.getJsonObject("responses", new JsonObject());
    for (String status : responses.fieldNames()) {
      if (status.startsWith("2")) {
        JsonObject content = responses.getJsonObject(status).getJsonObject("content");
        if (content != null) {
          types.addAll(content.fieldNames());
        }
      }
    }
    return types;
  }

  /** The operation as the contract writes it, with references. */
  JsonObject definition() {
    return definition;
  }

  @Override
  public String toString() {
    return method + " " + path;
  }

  /** A body that an operation takes. */
  record Body(BodyType type, BodySchema schema, boolean required) {}
}
