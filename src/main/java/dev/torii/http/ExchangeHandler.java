package dev.torii.http;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** The first handler of every request: gives it an id, finds the client's address, counts it. */
public final class ExchangeHandler implements Handler<RoutingContext> {
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final int MAX_ID_LENGTH = 128;

  private final ClientAddress addresses;
  private final AtomicLong underWay;

  public ExchangeHandler(ClientAddress addresses, AtomicLong underWay) {
    this.addresses = addresses;
    this.underWay = underWay;
  }

  @Override
  public void handle(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    String given = request.getHeader(REQUEST_ID);
    String id = isUsable(given) ? given : newId();
    underWay.incrementAndGet();
    Exchange.begin(ctx, id, addresses.of(request), System.nanoTime());
    String fault = RequestTarget.fault(request.path(), request.query());
    if (fault != null) {
      ctx.fail(Failure.of(ErrorCode.MALFORMED, fault));
    } else if (isReadable(ctx)) {
      ctx.next();
    } else {
      ctx.fail(400);
    }
  }

  /**
   * Whether the escapes of path and query are ones; vertx-web keeps the results for its routes. It
   * also reads the query when it finds a path parameter, where a broken escape would be our fault.
   */
  private static boolean isReadable(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    try {
      return ctx.normalizedPath() != null && (request.query() == null || request.params() != null);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isUsable(String id) {
    if (id == null || id.isEmpty() || id.length() > MAX_ID_LENGTH) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c < 0x21 || c > 0x7e) {
        return false;
      }
    }
    return true;
  }

  /** An id for a request that brought none. */
  static String newId() {
    return Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
  }
}
