package dev.torii.realtime;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells whether a request asks for a WebSocket.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1">RFC 6455, the handshake</a>
 */
final class Handshake {
  private static final String VERSION_HEADER = "sec-websocket-version";
  private static final String KEY_HEADER = "sec-websocket-key";
  private static final String VERSION = "13";

  private static final List<String> ONCE =
      List.of(KEY_HEADER, VERSION_HEADER, "origin", "authorization");

  /** 16 bytes in base64. */
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{22}==");

  private Handshake() {}

  /**
   * Checks all that the upgrade will rely on.
   *
   * @throws Failure UPGRADE_REQUIRED for an ordinary request or another version, MALFORMED
   */
  static void require(HttpServerRequest request) {
    boolean asked =
        request.method().equals(HttpMethod.GET)
            && has(request, HttpHeaders.UPGRADE, "websocket")
            && has(request, HttpHeaders.CONNECTION, "upgrade");
    if (!asked || !VERSION.equals(request.getHeader(VERSION_HEADER))) {
      request
          .response()
          .putHeader(HttpHeaders.UPGRADE, "websocket")
          .putHeader(VERSION_HEADER, VERSION);
      throw Failure.of(ErrorCode.UPGRADE_REQUIRED, "This is a WebSocket of version " + VERSION);
    }
    if (request.version() != HttpVersion.HTTP_1_1) {
      throw Failure.of(ErrorCode.MALFORMED, "A WebSocket needs HTTP/1.1");
    }
    ONCE.forEach(header -> requireOne(request, header));
    if (!KEY.matcher(request.getHeader(KEY_HEADER)).matches()) {
      throw Failure.of(ErrorCode.MALFORMED, "The header Sec-WebSocket-Key is not a key");
    }
  }

  /** What others on the way may read another one of than we do. */
  private static void requireOne(HttpServerRequest request, String header) {
    int given = request.headers().getAll(header).size();
    if (given > 1 || (given == 0 && header.equals(KEY_HEADER))) {
      throw Failure.of(ErrorCode.MALFORMED, "The header " + header + " must be given once");
    }
  }

  private static boolean has(HttpServerRequest request, CharSequence header, String token) {
    for (String value : request.headers().getAll(header)) {
      for (String part : value.split(",", -1)) {
        if (part.trim().toLowerCase(Locale.ROOT).equals(token)) {
          return true;
        }
      }
    }
    return false;
  }
}
