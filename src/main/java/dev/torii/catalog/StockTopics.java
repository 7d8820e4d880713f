package dev.torii.catalog;

import dev.torii.bus.Bus;
import dev.torii.catalog.CatalogApi.GetProduct;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.Caller;
import dev.torii.realtime.Feed;
import dev.torii.realtime.TopicKind;
import io.vertx.core.Future;
import java.util.regex.Pattern;

/** The topics {@code stock} and {@code stock:<product id>}, which anybody may follow. */
final class StockTopics implements TopicKind {
  /** What certainly is a positive {@code long}, spelled in the one way that is an event's key. */
  private static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");

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
    if (!ID.matcher(rest).matches()) {
      return Future.failedFuture(Failure.of(ErrorCode.NOT_FOUND, "no such topic"));
    }
    return bus.ask(CatalogApi.GET, new GetProduct(Long.parseLong(rest)))
        .map(product -> new Target(feed, rest));
  }
}
