package dev.torii.realtime;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells from which pages browsers may connect: from Torii's own and from those that are named. A
 * WebSocket is not bound by what browsers otherwise forbid between origins.
 *
 * <p>Whether a page is Torii's own is seen by the host alone, because behind a proxy the scheme is
 * not known.
 */
final class Origins {
  private static final String ANY = "*";

  private final Set<String> allowed;

  Origins(List<String> allowed) {
    this.allowed =
        allowed.stream()
            .map(origin -> origin.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether the request may be answered; what is no browser sends no origin. */
  boolean admits(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin == null || isOwn(request, origin) || isNamed(origin);
  }

  /** The origin of a page elsewhere whose scripts may read the answer; null for none. */
  String foreign(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin != null && !isOwn(request, origin) && isNamed(origin) ? origin : null;
  }

  private boolean isNamed(String origin) {
    return allowed.contains(ANY) || allowed.contains(origin.toLowerCase(Locale.ROOT));
  }

  private static boolean isOwn(HttpServerRequest request, String origin) {
    String host = request.getHeader(HttpHeaders.HOST);
    int end = origin.indexOf("://");
    if (host == null || end < 0) {
      return false;
    }
    String port = origin.startsWith("https") ? ":443" : ":80";
    return withoutPort(origin.substring(end + 3), port).equals(withoutPort(host, port));
  }

  private static String withoutPort(String host, String standard) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(standard)
        ? lower.substring(0, lower.length() - standard.length())
        : lower;
  }
}
