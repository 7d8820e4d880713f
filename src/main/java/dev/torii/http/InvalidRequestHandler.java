package dev.torii.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

/** Answers bytes that are not an HTTP request, and closes: what follows them cannot be trusted. */
final class InvalidRequestHandler implements Handler<HttpServerRequest> {
  @Override
  public void handle(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    if (cause instanceof TooLongHttpLineException) {
      answer(request, 414, "uri-too-long", "The request line is too long");
    } else if (cause instanceof TooLongHttpHeaderException) {
      answer(request, 431, "headers-too-large", "The headers are too large");
    } else {
      answer(request, 400, "malformed", "The request could not be read");
    }
  }

  private static void answer(HttpServerRequest request, int status, String slug, String title) {
    JsonObject problem =
        new JsonObject()
            .put("type", "urn:torii:problem:" + slug)
            .put("title", title)
            .put("status", status);
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/problem+json")
        .putHeader("connection", "close")
        .end(problem.toBuffer())
        .onComplete(written -> request.connection().close());
  }
}
