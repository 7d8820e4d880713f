package dev.torii.catalog;

import dev.torii.cache.EntryCache;
import dev.torii.cache.Loaded;
import dev.torii.catalog.CatalogApi.CatalogJson;
import dev.torii.catalog.CatalogApi.GetCategories;
import dev.torii.catalog.CatalogApi.GetPage;
import dev.torii.catalog.CatalogApi.GetProduct;
import io.vertx.core.Future;

/** The catalogue behind the bus, for readers: PostgreSQL decides, the cache follows. */
final class CatalogService {
  private final EntryCache<Long> products;
  private final EntryCache<GetPage> pages;
  private final EntryCache<String> categories;

  CatalogService(
      EntryCache<Long> products, EntryCache<GetPage> pages, EntryCache<String> categories) {
    this.products = products;
    this.pages = pages;
    this.categories = categories;
  }

  Future<CatalogJson> get(GetProduct question) {
    return products
        .load(question.id())
        .map(
            loaded -> {
              if (loaded.json() == null) {
                throw ProductId.unknown();
              }
              return json(loaded);
            });
  }

  Future<CatalogJson> getPage(GetPage question) {
    return pages.load(question).map(CatalogService::json);
  }

  Future<CatalogJson> getCategories(GetCategories question) {
    return categories.load(Slug.ALL).map(CatalogService::json);
  }

  private static CatalogJson json(Loaded loaded) {
    return new CatalogJson(loaded.json(), loaded.cached(), loaded.stale(), loaded.cachedAt());
  }
}
