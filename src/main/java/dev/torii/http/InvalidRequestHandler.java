package dev.torii.http;

import dev.torii.failure.ErrorCode;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;

/** Answers bytes that are not an HTTP request, and closes: what follows them cannot be trusted. */
final class InvalidRequestHandler implements Handler<HttpServerRequest> {
  /** Room for the answer to be read by a client that is still sending. */
  private static final int LINGER_SECONDS = 2;

  @Override
  public void handle(HttpServerRequest request) {
    answer(request, request.decoderResult().cause());
  }

  /**
   * Answers a request that cannot be trusted.
   *
   * @param cause what the decoder said, null when it saw no fault
   */
  static void answer(HttpServerRequest request, Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      answer(request, ErrorCode.URI_TOO_LONG);
    } else if (cause instanceof TooLongHttpHeaderException) {
      answer(request, ErrorCode.HEADERS_TOO_LARGE);
    } else {
      answer(request, ErrorCode.MALFORMED);
    }
  }

  /** Answers a request that has no exchange, or whose exchange waits for bytes in vain. */
  static void answer(HttpServerRequest request, ErrorCode code) {
    String requestId = ExchangeHandler.newId();
    JsonObject problem = ProblemHandler.problem(code, null, requestId);
    closeAfterAnswer(request);
    request
        .response()
        .setStatusCode(code.status())
        .putHeader("content-type", "application/problem+json")
        .putHeader("cache-control", "no-store")
        .putHeader("x-request-id", requestId)
        .putHeader("connection", "close")
        .end(problem.toBuffer())
        .onComplete(written -> request.connection().close());
  }

  /**
   * Closes the connection when the request has arrived and its answer is written, or after a while;
   * no other request of the connection is read. Called before the answer is written.
   */
  static void closeAfterAnswer(HttpServerRequest request) {
    request.connection().shutdown(LINGER_SECONDS, TimeUnit.SECONDS);
  }
}
