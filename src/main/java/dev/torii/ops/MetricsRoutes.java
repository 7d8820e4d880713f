package dev.torii.ops;

import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** Gives Prometheus what it collects. */
public final class MetricsRoutes implements RouteModule {
  private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry;

  public MetricsRoutes(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/metrics").to(this::scrape);
  }

  private Future<Reply> scrape(Exchange exchange) {
    Buffer text = Buffer.buffer(registry.scrape(TEXT_FORMAT));
    return Future.succeededFuture(Reply.of(TEXT_FORMAT, text).uncacheable());
  }
}
