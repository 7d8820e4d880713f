package dev.torii.realtime;

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

  /**
   * Whether a page may connect.
   *
   * @param origin of the page; null when none was sent, as by what is no browser
   * @param host as the request names this server
   */
  boolean admits(String origin, String host) {
    return origin == null || isOwn(origin, host) || isNamed(origin);
  }

  /** The origin of a page elsewhere whose scripts may read the answer; null for none. */
  String foreign(String origin, String host) {
    return origin != null && !isOwn(origin, host) && isNamed(origin) ? origin : null;
  }

  private boolean isNamed(String origin) {
    return allowed.contains(ANY) || allowed.contains(origin.toLowerCase(Locale.ROOT));
  }

  private static boolean isOwn(String origin, String host) {
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
