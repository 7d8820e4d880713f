package dev.torii.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * A successful answer before it is written.
 *
 * @param headers further headers, null for none
 * @param body null for none
 */
public record Reply(int status, String contentType, Buffer body, MultiMap headers) {
  private static final String JSON = "application/json";

  /** 200 with a JSON object. */
  public static Reply ok(JsonObject body) {
    return json(200, body);
  }

  /** Any status with a JSON object. */
  public static Reply json(int status, JsonObject body) {
    return new Reply(status, JSON, body.toBuffer(), null);
  }

  /** 200 with bytes that already are JSON. */
  public static Reply rawJson(Buffer body) {
    return new Reply(200, JSON, body, null);
  }

  /** 204. */
  public static Reply noContent() {
    return new Reply(204, null, null, null);
  }

  /** The same answer, kept by no cache on its way: it is about one person. */
  public Reply uncacheable() {
    return with("cache-control", "no-store");
  }

  /** The same answer with one more header. */
  public Reply with(String name, String value) {
    MultiMap all = headers == null ? MultiMap.caseInsensitiveMultiMap() : headers;
    all.set(name, value);
    return new Reply(status, contentType, body, all);
  }
}
