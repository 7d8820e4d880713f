package dev.torii.ops;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A file that a page of ours loads, read once from the jar and served as it is. */
record PageFile(String contentType, Buffer content) {

  static PageFile script(String resource) {
    return new PageFile("text/javascript; charset=utf-8", read(resource));
  }

  static PageFile style(String resource) {
    return new PageFile("text/css; charset=utf-8", read(resource));
  }

  static PageFile svg(String resource) {
    return new PageFile("image/svg+xml; charset=utf-8", read(resource));
  }

  /** The bytes of a file of the jar. */
  static Buffer read(String resource) {
    try (InputStream in = PageFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no " + resource + " in the jar");
      }
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void serve(RoutingContext ctx) {
    ctx.response()
        .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
        .putHeader("X-Content-Type-Options", "nosniff")
        .end(content);
  }
}
