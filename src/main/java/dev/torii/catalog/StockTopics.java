package dev.torii.catalog;

import dev.torii.bus.Bus;
import dev.torii.catalog.CatalogApi.GetProduct;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller;
import dev.torii.realtime.Feed;
import dev.torii.realtime.TopicKind;
import io.vertx.core.Future;

/** The topics {@code stock} and {@code stock:<product id>}, which anybody may follow. */
final class StockTopics implements TopicKind {
  private final Bus bus;
  private final Feed feed;

  StockTopics(Bus bus, Feed feed) {
    this.bus = bus;
    this.feed = feed;
  }

  @Override
  public String name() {
    return "stock";
  }

  @Override
  public Future<Target> open(String rest, Caller caller) {
    if (rest == null) {
      return Future.succeededFuture(new Target(feed, null));
    }
    Long id = ProductId.parse(rest);
    if (id == null) {
      return Future.failedFuture(Failure.of(ErrorCode.NOT_FOUND, "no such topic"));
    }
    return bus.ask(CatalogApi.GET, new GetProduct(id)).map(product -> new Target(feed, rest));
  }
}
