package dev.torii.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;

/**
 * Tells whether every reader must understand a request's head alike. Netty has checked its syntax;
 * what it lets through and another server might read differently is refused here.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-11.2">Request smuggling</a>
 */
final class RequestHead {
  private RequestHead() {}

  static boolean isClear(HttpServerRequest request) {
    MultiMap headers = request.headers();
    return hasOneHost(headers, request.version())
        && hasPlainCoding(headers, request.version())
        && !headers.contains("");
  }

  private static boolean hasOneHost(MultiMap headers, HttpVersion version) {
    int hosts = headers.getAll(HttpHeaders.HOST).size();
    return hosts == 1 || (hosts == 0 && version == HttpVersion.HTTP_1_0);
  }

  /** Any other coding, and more than one, is a disagreement about where the body ends. */
  private static boolean hasPlainCoding(MultiMap headers, HttpVersion version) {
    if (!headers.contains(HttpHeaders.TRANSFER_ENCODING)) {
      return true;
    }
    List<String> codings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
    return version == HttpVersion.HTTP_1_1
        && codings.size() == 1
        && codings.get(0).equalsIgnoreCase("chunked");
  }
}
