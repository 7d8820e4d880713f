package dev.torii.admin;

import dev.torii.admin.LimitSupportApi.Explain;
import dev.torii.bus.Bus;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Caller;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;

/** HTTP for asking why a request was admitted or refused: of an admin, or of who made it. */
public final class DecisionRoutes implements RouteModule {
  private final Bus bus;

  public DecisionRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes.get("/admin/decisions/:id").identified().limitedBy("default").to(this::explain);
  }

  private Future<Reply> explain(Exchange exchange) {
    Caller caller = exchange.caller();
    var question =
        new Explain(exchange.context().pathParam("id"), caller.isAdmin() ? null : caller.userId());
    return bus.ask(LimitSupportApi.EXPLAIN, question)
        .map(explained -> Reply.ok(explained.decision()).uncacheable());
  }
}
