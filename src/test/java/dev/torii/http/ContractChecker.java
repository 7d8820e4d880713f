package dev.torii.http;

import dev.torii.failure.FieldError;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Holds HTTP exchanges of the tests against openapi.yaml, so that neither the server nor the page
 * can promise something else. May be used by several threads.
 */
public final class ContractChecker {
  private static final String JSON = "application/json";
  private static final String PROBLEM = "application/problem+json";

  /** Paths that are served without being part of the contract: the page's files. */
  private static final Pattern OUTSIDE = Pattern.compile("/docs/.+");

  private final Contract contract;
  private final JsonObject document;
  private final Map<JsonObject, BodySchema> schemas = new ConcurrentHashMap<>();
  private final BodySchema problem;

  public ContractChecker(Contract contract) {
    this.contract = contract;
    this.document = contract.document();
    this.problem =
        BodySchema.compile(document, new JsonObject().put("$ref", "#/components/schemas/Problem"));
  }

  /**
   * All faults of one answer.
   *
   * @param target path as it was sent, with or without a query
   * @param body null for none
   * @return empty when the answer is one that the contract promises
   */
  public List<String> checkResponse(
      HttpMethod method, String target, int status, MultiMap headers, Buffer body) {
    String path = path(target);
    if (OUTSIDE.matcher(path).matches()) {
      return List.of();
    }
    List<String> faults = new ArrayList<>();
    if (status == 500) {
      faults.add("500 is never expected");
    }
    Optional<Operation> operation = find(method, path);
    if (operation.isEmpty()) {
      checkOutside(path, status, headers, body, faults);
    } else {
      JsonObject responses = operation.get().definition().getJsonObject("responses");
      JsonObject declared = responses.getJsonObject(String.valueOf(status));
      if (declared == null) {
        faults.add(status + " is not among the answers " + responses.fieldNames());
      } else {
        JsonObject response = SchemaInliner.resolve(document, declared);
        checkHeaders(response, headers, faults);
        checkContent(response, status, headers, body, faults);
      }
    }
    String exchange = method + " " + path + " -> " + status + ": ";
    return faults.stream().map(fault -> exchange + fault).toList();
  }

  /**
   * Whether a request fits, for one that the server accepted: then it must.
   *
   * @param body null for none
   */
  public List<String> checkRequest(HttpMethod method, String target, Buffer body) {
    Optional<Operation> operation = find(method, path(target));
    if (operation.isEmpty()
        || !operation.get().takesBody()
        || operation.get().bodyType() == BodyType.MULTIPART) {
      return List.of();
    }
    JsonObject json = body == null || body.length() == 0 ? null : body.toJsonObject();
    return operation.get().check(json).stream()
        .map(fault -> method + " " + path(target) + " was accepted though " + words(fault))
        .toList();
  }

  /** The examples that do not fit the schema they stand beside. */
  List<String> checkExamples() {
    List<String> faults = new ArrayList<>();
    for (Operation operation : contract.operations()) {
      JsonObject body = operation.definition().getJsonObject("requestBody");
      if (body != null) {
        checkExamples(operation + " request", body, faults);
      }
      JsonObject responses = operation.definition().getJsonObject("responses");
      for (String status : responses.fieldNames()) {
        JsonObject response = SchemaInliner.resolve(document, responses.getJsonObject(status));
        checkExamples(operation + " " + status, response, faults);
        checkHeaderExamples(operation + " " + status, response, faults);
      }
    }
    return faults;
  }

  private void checkExamples(String where, JsonObject holder, List<String> faults) {
    JsonObject content = holder.getJsonObject("content", new JsonObject());
    for (String mediaType : content.fieldNames()) {
      JsonObject media = content.getJsonObject(mediaType);
      BodySchema schema = schema(media);
      List<Object> examples = new ArrayList<>();
      if (media.containsKey("example")) {
        examples.add(media.getValue("example"));
      }
      JsonObject named = media.getJsonObject("examples", new JsonObject());
      named.fieldNames().forEach(name -> examples.add(named.getJsonObject(name).getValue("value")));
      if (examples.isEmpty() && mediaType.endsWith("json")) {
        faults.add(where + " has no example");
      }
      for (Object example : examples) {
        schema.check(example).forEach(fault -> faults.add(where + ": " + words(fault)));
      }
    }
  }

  private void checkHeaderExamples(String where, JsonObject response, List<String> faults) {
    JsonObject headers = response.getJsonObject("headers", new JsonObject());
    for (String name : headers.fieldNames()) {
      JsonObject header = SchemaInliner.resolve(document, headers.getJsonObject(name));
      schema(header)
          .check(header.getValue("example"))
          .forEach(fault -> faults.add(where + " " + name + ": " + words(fault)));
    }
  }

  /** An unknown path is 404 and an unknown method 405, each a problem. */
  private void checkOutside(
      String path, int status, MultiMap headers, Buffer body, List<String> faults) {
    boolean known = contract.operations().stream().anyMatch(o -> matches(o, path));
    int expected = known ? 405 : 404;
    if (status != expected && status != 400 && status != 429 && status != 503) {
      faults.add("the contract does not know it, so " + expected + " was expected");
    }
    if (status == 405 && !headers.contains("Allow")) {
      faults.add("the header Allow is missing");
    }
    if (status >= 400) {
      checkProblem(status, headers, body, faults);
    }
  }

  private void checkHeaders(JsonObject response, MultiMap headers, List<String> faults) {
    JsonObject declared = response.getJsonObject("headers", new JsonObject());
    for (String name : declared.fieldNames()) {
      JsonObject header = SchemaInliner.resolve(document, declared.getJsonObject(name));
      String value = headers.get(name);
      if (value != null) {
        boolean integer =
            "integer".equals(header.getJsonObject("schema").getString("type"))
                && value.matches("-?[0-9]{1,18}");
        schema(header)
            .check(integer ? (Object) Long.valueOf(value) : value)
            .forEach(fault -> faults.add("header " + name + " " + fault.detail()));
      } else if (header.getBoolean("required", false)) {
        faults.add("the header " + name + " is missing");
      }
    }
  }

  private void checkContent(
      JsonObject response, int status, MultiMap headers, Buffer body, List<String> faults) {
    JsonObject content = response.getJsonObject("content");
    boolean empty = body == null || body.length() == 0;
    if (content == null) {
      if (!empty) {
        faults.add("a body was sent though none is promised");
      }
      return;
    }
    String mediaType = mediaType(headers);
    JsonObject media = content.getJsonObject(mediaType);
    if (media == null) {
      faults.add("media type " + mediaType + " instead of " + content.fieldNames());
    } else if (mediaType.equals(PROBLEM)) {
      checkProblem(status, headers, body, faults);
    } else if (mediaType.equals(JSON)) {
      checkJson(schema(media), body, faults);
    } else if (empty) {
      faults.add("the body is missing");
    }
  }

  private void checkProblem(int status, MultiMap headers, Buffer body, List<String> faults) {
    if (!PROBLEM.equals(mediaType(headers))) {
      faults.add("media type " + mediaType(headers) + " instead of " + PROBLEM);
      return;
    }
    if (checkJson(problem, body, faults) instanceof JsonObject json) {
      if (!Integer.valueOf(status).equals(json.getInteger("status"))) {
        faults.add("the problem's status is another than the answer's");
      }
      if (!String.valueOf(json.getString("instance")).equals(headers.get("X-Request-Id"))) {
        faults.add("the problem's instance is not the request id");
      }
    }
  }

  private Object checkJson(BodySchema schema, Buffer body, List<String> faults) {
    if (body == null || body.length() == 0) {
      faults.add("the body is missing");
      return null;
    }
    try {
      Object json = Json.decodeValue(body);
      schema.check(json).forEach(fault -> faults.add(words(fault)));
      return json;
    } catch (DecodeException e) {
      faults.add("the body is not JSON");
      return null;
    }
  }

  private BodySchema schema(JsonObject holder) {
    return schemas.computeIfAbsent(
        holder, h -> BodySchema.compile(document, h.getJsonObject("schema")));
  }

  private Optional<Operation> find(HttpMethod method, String path) {
    return contract.operations().stream()
        .filter(o -> o.method().equals(method) && matches(o, path))
        .findFirst();
  }

  private static boolean matches(Operation operation, String path) {
    List<String> template = List.of(operation.path().split("/", -1));
    List<String> actual = List.of(path.split("/", -1));
    if (template.size() != actual.size()) {
      return false;
    }
    for (int i = 0; i < template.size(); i++) {
      boolean parameter = template.get(i).startsWith("{") && !actual.get(i).isEmpty();
      if (!parameter && !template.get(i).equals(actual.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static String path(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  private static String mediaType(MultiMap headers) {
    String contentType = headers.get("Content-Type");
    if (contentType == null) {
      return "none";
    }
    int parameters = contentType.indexOf(';');
    return (parameters < 0 ? contentType : contentType.substring(0, parameters)).trim();
  }

  private static String words(FieldError fault) {
    return fault.pointer() + " " + fault.detail();
  }
}
