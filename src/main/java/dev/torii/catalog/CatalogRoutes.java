package dev.torii.catalog;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.Bus;
import dev.torii.bus.BusMessage;
import dev.torii.catalog.CatalogApi.CatalogJson;
import dev.torii.catalog.CatalogApi.CreateProduct;
import dev.torii.catalog.CatalogApi.DeleteProduct;
import dev.torii.catalog.CatalogApi.GetCategories;
import dev.torii.catalog.CatalogApi.GetPage;
import dev.torii.catalog.CatalogApi.GetProduct;
import dev.torii.catalog.CatalogApi.ProductWritten;
import dev.torii.catalog.CatalogApi.UpdateProduct;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.gate.RouteModule;
import dev.torii.gate.Routes;
import dev.torii.http.CacheOutcome;
import dev.torii.http.Exchange;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** HTTP for the catalogue: read the request, ask the cache or the bus, describe the answer. */
public final class CatalogRoutes implements RouteModule {
  private static final int MAX_PAGE = 10_000;
  private static final int MAX_PAGE_SIZE = 100;

  /** Products of a list that can be read page by page; PostgreSQL counts over those before. */
  private static final int MAX_PRODUCTS = 10_000;

  private static final CatalogReply PRODUCT = new CatalogReply("{\"product\":", "}");
  private static final CatalogReply ITSELF = new CatalogReply("", "");

  private final Bus bus;

  public CatalogRoutes(Bus bus) {
    this.bus = bus;
  }

  @Override
  public void mount(Routes routes) {
    routes
        .get("/products")
        .limitedBy("products")
        .reading("productLists", CatalogRoutes::page)
        .to(exchange -> get(exchange, CatalogApi.GET_PAGE, page(exchange), ITSELF));
    routes.post("/products").admin().limitedBy("admin").to(this::create);
    routes
        .get("/products/:id")
        .limitedBy("products")
        .reading("products", ProductId::of)
        .to(
            exchange ->
                get(exchange, CatalogApi.GET, new GetProduct(ProductId.of(exchange)), PRODUCT));
    routes.put("/products/:id").admin().limitedBy("admin").to(this::update);
    routes.delete("/products/:id").admin().limitedBy("admin").to(this::delete);
    routes
        .get("/categories")
        .limitedBy("products")
        .reading("categories", exchange -> Slug.ALL)
        .to(exchange -> get(exchange, CatalogApi.GET_CATEGORIES, new GetCategories(), ITSELF));
  }

  private <Q extends BusMessage> Future<Reply> get(
      Exchange exchange, Address<Q, CatalogJson> source, Q question, CatalogReply reply) {
    return switch (exchange.cacheOutcome()) {
      case HIT ->
          Future.succeededFuture(reply.of(exchange, exchange.cached(), true, exchange.cachedAt()));
      case NEGATIVE -> throw ProductId.unknown();
      case MISS, BYPASS, STALE ->
          bus.ask(source, question)
              .map(
                  found -> {
                    if (found.stale()) {
                      exchange.cacheOutcome(CacheOutcome.STALE);
                    }
                    return reply.of(exchange, found.json(), found.cached(), found.cachedAt());
                  });
    };
  }

  private Future<Reply> create(Exchange exchange) {
    JsonObject body = exchange.body();
    var question =
        new CreateProduct(
            Actor.of(exchange),
            body.getString("name"),
            body.getString("description", ""),
            body.getLong("price_cents"),
            body.getString("currency"),
            body.getString("category"),
            body.getLong("stock", 0L));
    return bus.ask(CatalogApi.CREATE, question)
        .map(
            made -> written(201, made).with(HttpHeaders.LOCATION, "/products/" + made.productId()));
  }

  private Future<Reply> update(Exchange exchange) {
    JsonObject body = exchange.body();
    var question =
        new UpdateProduct(
            Actor.of(exchange),
            ProductId.of(exchange),
            body.getString("name"),
            body.getString("description"),
            body.getLong("price_cents"),
            body.getString("currency"),
            body.getString("category"));
    return bus.ask(CatalogApi.UPDATE, question).map(changed -> written(200, changed));
  }

  private Future<Reply> delete(Exchange exchange) {
    return bus.ask(CatalogApi.DELETE, new DeleteProduct(Actor.of(exchange), ProductId.of(exchange)))
        .map(done -> Reply.noContent());
  }

  private static Reply written(int status, ProductWritten product) {
    var body = new JsonObject().put("product", product.json().toJsonObject());
    return Reply.json(status, body).uncacheable();
  }

  private static GetPage page(Exchange exchange) {
    String category = exchange.queryParam("category").orElse(Slug.ALL);
    if (!Slug.isOne(category)) {
      throw Failure.invalid(List.of(new FieldError("?category", "must be the slug of a category")));
    }
    int page = exchange.intQueryParam("page", 1, 1, MAX_PAGE);
    int size = exchange.intQueryParam("page_size", PageKey.USUAL_SIZE, 1, MAX_PAGE_SIZE);
    if (page * size > MAX_PRODUCTS) {
      String reach = "must end within the first " + MAX_PRODUCTS + " products (page * page_size)";
      throw Failure.invalid(List.of(new FieldError("?page", reach)));
    }
    return new GetPage(category.equals(Slug.ALL) ? null : category, page, size);
  }
}
