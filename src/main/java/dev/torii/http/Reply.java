package dev.torii.http;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;

/**
 * A successful answer before it is written.
 *
 * @param contentType null when there is no body
 * @param body null for none
 * @param cacheControl value of the header {@code Cache-Control}, null for none
 * @param headers further headers, null for none
 * @param begun what goes on with the connection when status and headers are set, null when the
 *     answer ends with its body
 */
public record Reply(
    int status,
    String contentType,
    Buffer body,
    String cacheControl,
    MultiMap headers,
    Function<HttpServerRequest, Future<Void>> begun) {
  private static final String JSON = "application/json";

  /** 200 with a JSON object. */
  public static Reply ok(JsonObject body) {
    return json(200, body);
  }

  /** Any status with a JSON object. */
  public static Reply json(int status, JsonObject body) {
    return new Reply(status, JSON, body.toBuffer(), null, null, null);
  }

  /** 200 with bytes that already are JSON. */
  public static Reply rawJson(Buffer body) {
    return of(JSON, body);
  }

  /** 200 with any content. */
  public static Reply of(String contentType, Buffer body) {
    return new Reply(200, contentType, body, null, null, null);
  }

  /** An answer without a body. */
  public static Reply empty(int status) {
    return new Reply(status, null, null, null, null, null);
  }

  /** 204. */
  public static Reply noContent() {
    return empty(204);
  }

  /**
   * An answer that goes on after its head: a stream, or a connection that becomes another protocol.
   *
   * @param begun writes the head and all else; it completes when the head is written, and the
   *     exchange counts as answered
   */
  public static Reply begun(
      int status, String contentType, Function<HttpServerRequest, Future<Void>> begun) {
    return new Reply(status, contentType, null, null, null, begun);
  }

  /** The same answer, kept by no cache on its way: it is about one person or one moment. */
  public Reply uncacheable() {
    return cached("no-store");
  }

  /** The same answer with these directives for caches on its way. */
  public Reply cached(String directives) {
    return new Reply(status, contentType, body, directives, headers, begun);
  }

  /** The same answer with one more header. */
  public Reply with(CharSequence name, String value) {
    MultiMap all = MultiMap.caseInsensitiveMultiMap();
    if (headers != null) {
      all.addAll(headers);
    }
    return new Reply(status, contentType, body, cacheControl, all.set(name, value), begun);
  }
}
