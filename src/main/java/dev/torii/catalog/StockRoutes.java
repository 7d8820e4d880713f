package dev.torii.catalog;

import dev.torii.bus.Bus;
import dev.torii.catalog.CatalogApi.ChangeStock;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.Exchange;
import dev.torii.http.IdempotencyKey;
import dev.torii.http.Reply;
import dev.torii.http.Scope;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** HTTP for stocks: read the request, ask the bus, describe the answer. */
public final class StockRoutes implements RouteModule {
  private final Bus bus;

  public StockRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .post("/products/:id/stock")
        .service(Scope.STOCK_WRITE)
        .limitedBy("stock")
        .to(this::change);
  }

  private Future<Reply> change(Exchange exchange) {
    JsonObject body = exchange.body();
    var asked =
        new ChangeStock(
            ProductId.of(exchange),
            body.getLong("delta"),
            body.getLong("set"),
            exchange.caller().userId().toString(),
            IdempotencyKey.of(exchange));
    return bus.ask(CatalogApi.CHANGE_STOCK, asked)
        .map(
            stock ->
                Reply.ok(
                        new JsonObject()
                            .put("product_id", stock.productId())
                            .put("stock", stock.stock())
                            .put("version", stock.version()))
                    .uncacheable());
  }
}
