package dev.torii.ratelimit;

import dev.torii.http.CacheOutcome;
import dev.torii.http.Exchange;
import dev.torii.http.Explained;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.UUID;

/**
 * What was decided about one request and by what. Keeps nothing of the exchange itself, which would
 * keep its body. Written on the request's event loop, read by any thread.
 */
final class KeptDecision implements Explained {
  /** Longest list of forwarded addresses that is kept: a client may send any. */
  private static final int MOST_FORWARDED = 256;

  private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");

  final String id;
  final long atMillis;
  final String requestId;
  final HttpMethod method;
  final String route;
  final UUID caller;
  final SocketAddress socket;
  final String forwardedFor;
  final String address;
  final List<Decision> decisions;
  private volatile CacheOutcome cache;

  KeptDecision(String id, long atMillis, Exchange exchange, List<Decision> decisions) {
    this.id = id;
    this.atMillis = atMillis;
    this.requestId = exchange.requestId();
    this.method = exchange.request().method();
    this.route = exchange.routePattern();
    this.caller = exchange.isAuthenticated() ? exchange.caller().userId() : null;
    this.socket = exchange.request().connection().remoteAddress();
    this.forwardedFor = forwardedFor(exchange);
    this.address = exchange.clientAddress();
    this.decisions = decisions;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public void cached(CacheOutcome outcome) {
    cache = outcome;
  }

  CacheOutcome cache() {
    return cache;
  }

  /** Whether one of the rules kept the request from going on. */
  static boolean refuses(List<Decision> decisions) {
    for (int i = 0; i < decisions.size(); i++) {
      if (decisions.get(i).refuses()) {
        return true;
      }
    }
    return false;
  }

  private static String forwardedFor(Exchange exchange) {
    MultiMap headers = exchange.request().headers();
    if (!headers.contains(FORWARDED_FOR)) {
      return null;
    }
    String all = String.join(", ", headers.getAll(FORWARDED_FOR));
    return all.length() <= MOST_FORWARDED ? all : all.substring(0, MOST_FORWARDED);
  }
}
