package dev.torii.gate;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.http.BodyType;
import dev.torii.http.Exchange;
import dev.torii.http.Operation;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Holds what arrived against the contract, before a feature sees it. */
final class RequestCheck {
  private RequestCheck() {}

  /**
   * Checks media types, query parameters and body, and leaves the body in the exchange.
   *
   * @throws Failure NOT_ACCEPTABLE, UNSUPPORTED_MEDIA_TYPE, MALFORMED, or INVALID with all faults
   */
  static void check(Exchange exchange, Operation operation) {
    requireAcceptable(exchange.request().getHeader(HttpHeaders.ACCEPT), operation);
    List<FieldError> faults = operation.checkPath(exchange.context().pathParams());
    if (exchange.request().query() != null || operation.queryRequired()) {
      faults = concat(faults, operation.checkQuery(exchange.context().queryParams()));
    }
    if (operation.bodyType() == BodyType.MULTIPART) {
      requireType(exchange, BodyType.MULTIPART); // the file is read when all else is right
    } else if (operation.takesBody()) {
      faults = withBody(exchange, operation, faults);
    }
    if (!faults.isEmpty()) {
      throw Failure.invalid(faults);
    }
  }

  /**
   * Checks the type of a body that is announced.
   *
   * @throws Failure UNSUPPORTED_MEDIA_TYPE
   */
  static void checkContentType(Exchange exchange, BodyType expected) {
    if (exchange.request().headers().contains(HttpHeaders.CONTENT_TYPE)) {
      requireType(exchange, expected);
    }
  }

  /** The body when it is one that can be read, else null: its faults are told by the check. */
  static JsonObject bodyIfReadable(Exchange exchange, Operation operation) {
    if (exchange.hasBody()) {
      return exchange.body();
    }
    boolean whole = operation.takesBody() && operation.bodyType() != BodyType.MULTIPART;
    Buffer bytes = whole ? exchange.context().body().buffer() : null;
    String type = exchange.request().getHeader(HttpHeaders.CONTENT_TYPE);
    if (bytes == null || bytes.length() == 0 || !operation.bodyType().isNamedBy(type)) {
      return null;
    }
    try {
      exchange.body(operation.bodyType().read(bytes));
      return exchange.body();
    } catch (Failure unreadable) {
      return null;
    }
  }

  private static List<FieldError> withBody(
      Exchange exchange, Operation operation, List<FieldError> soFar) {
    Buffer bytes = exchange.context().body().buffer();
    if (bytes == null || bytes.length() == 0) {
      if (operation.bodyRequired()) {
        throw Failure.of(ErrorCode.MALFORMED, operation.bodyType().words() + " is needed");
      }
      return soFar;
    }
    requireType(exchange, operation.bodyType());
    JsonObject body = exchange.hasBody() ? exchange.body() : operation.bodyType().read(bytes);
    exchange.body(body);
    return concat(soFar, operation.check(body));
  }

  private static List<FieldError> concat(List<FieldError> first, List<FieldError> second) {
    if (first.isEmpty()) {
      return second;
    }
    List<FieldError> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  private static void requireType(Exchange exchange, BodyType expected) {
    if (!expected.isNamedBy(exchange.request().getHeader(HttpHeaders.CONTENT_TYPE))) {
      throw Failure.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Send " + expected.mediaType());
    }
  }

  /** Errors are always JSON, so only a list of media types without any of ours is refused. */
  private static void requireAcceptable(String accept, Operation operation) {
    if (accept == null || operation.produces(accept)) {
      return;
    }
    throw Failure.of(ErrorCode.NOT_ACCEPTABLE, null);
  }
}
