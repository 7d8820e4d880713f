package dev.torii.http;

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
      answer(request, 414, "uri-too-long", "The request line is too long");
    } else if (cause instanceof TooLongHttpHeaderException) {
      answer(request, 431, "headers-too-large", "The headers are too large");
    } else {
      answer(request, 400, "malformed", "The request could not be read");
    }
  }

  private static void answer(HttpServerRequest request, int status, String slug, String title) {
    String requestId = ExchangeHandler.newId();
    JsonObject problem =
        new JsonObject()
            .put("type", "urn:torii:problem:" + slug)
            .put("title", title)
            .put("status", status)
            .put("instance", requestId);
    closeAfterAnswer(request);
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/problem+json")
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
