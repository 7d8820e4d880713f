package dev.torii.http;

import io.vertx.ext.web.RoutingContext;

/** Makes exchanges for tests of handlers that need no gate. */
public final class Exchanges {
  private Exchanges() {}

  /** The exchange of a request that no gate has seen. */
  public static Exchange of(RoutingContext ctx) {
    Exchange.begin(ctx, "test-request", "127.0.0.1", System.nanoTime());
    return Exchange.of(ctx);
  }
}
