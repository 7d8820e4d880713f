package dev.torii.catalog;

import dev.torii.bus.Bus;
import dev.torii.cache.CacheSpec;
import dev.torii.cache.Caches;
import dev.torii.cache.EntryCache;
import dev.torii.catalog.CatalogApi.GetPage;
import dev.torii.config.AppConfig;
import dev.torii.config.CacheOptions;
import dev.torii.config.CachesConfig;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Answers for the catalogue on the bus. */
public final class CatalogVerticle extends VerticleBase {
  private final Bus bus;
  private final Database database;
  private final AppConfig config;
  private final Caches caches;
  private final StockModule stock;

  public CatalogVerticle(
      Bus bus, Database database, AppConfig config, Caches caches, StockModule stock) {
    this.bus = bus;
    this.database = database;
    this.config = config;
    this.caches = caches;
    this.stock = stock;
  }

  @Override
  public Future<?> start() {
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    CachesConfig options = config.caches();
    var products = new EntryCache<>(vertx, redis, caches, products(options.products()));
    var pages = new EntryCache<>(vertx, redis, caches, pages(options.productLists()));
    var categories = new EntryCache<>(vertx, redis, caches, categories(options.categories()));
    // A statement may be committed that long after its deadline.
    var dropped = new CatalogCaches(products, pages, categories, config.pg().statementTimeout());
    answerForReaders(new CatalogService(products, pages, categories));
    answerForAdmins(new ProductService(database, dropped, stock.process()));
    dropStaleEntriesOf(dropped);
    stock.start(vertx, dropped);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return stock.stop();
  }

  private void answerForReaders(CatalogService catalog) {
    bus.answer(CatalogVerticle.class, CatalogApi.GET, catalog::get);
    bus.answer(CatalogVerticle.class, CatalogApi.GET_PAGE, catalog::getPage);
    bus.answer(CatalogVerticle.class, CatalogApi.GET_CATEGORIES, catalog::getCategories);
  }

  private void answerForAdmins(ProductService products) {
    bus.answer(CatalogVerticle.class, CatalogApi.CREATE, products::create);
    bus.answer(CatalogVerticle.class, CatalogApi.UPDATE, products::update);
    bus.answer(CatalogVerticle.class, CatalogApi.DELETE, products::delete);
  }

  private CacheSpec<Long> products(CacheOptions options) {
    return new CacheSpec<>(
        "products",
        Keys::product,
        options,
        ids -> database.run(db -> ProductRepository.find(db, ids)),
        List.of("products"),
        ProductId::parse,
        false,
        "product:",
        json -> true);
  }

  private CacheSpec<GetPage> pages(CacheOptions options) {
    return new CacheSpec<>(
            "productLists",
            PageKey::of,
            options,
            asked -> each(asked, page -> database.run(db -> ProductRepository.page(db, page))),
            List.of("productLists"),
            text -> null,
            false,
            "product:list:",
            json -> true)
        .beginningWith("{\"products\":");
  }

  private CacheSpec<String> categories(CacheOptions options) {
    return new CacheSpec<>(
            "categories",
            Keys::category,
            options,
            all -> each(all, one -> database.run(ProductRepository::categories)),
            List.of("categories"),
            text -> Slug.ALL.equals(text) ? text : null,
            false,
            "category:",
            json -> true)
        .beginningWith("{\"categories\":");
  }

  private static <K> Future<Map<K, Buffer>> each(
      Collection<K> ids, Function<K, Future<Buffer>> load) {
    Map<K, Buffer> found = new HashMap<>();
    return Future.join(
            ids.stream().map(id -> load.apply(id).onSuccess(json -> found.put(id, json))).toList())
        .map(found);
  }

  private void dropStaleEntriesOf(CatalogCaches dropped) {
    bus.listen(
        RedisApi.LINK_UP,
        link -> {
          if (link.areas().contains(Area.CACHE)) {
            caches.stale().distrustAll();
            dropped.dropStaleEntries();
          }
        });
  }
}
