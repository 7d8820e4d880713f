package dev.torii.catalog;

import dev.torii.catalog.CatalogApi.GetPage;
import dev.torii.redis.Keys;

/** The name of a page in the cache: other services read those of the usual size by number. */
final class PageKey {
  /** Products on a page when the reader does not say. */
  static final int USUAL_SIZE = 20;

  private PageKey() {}

  static String of(GetPage page) {
    String category = page.category() == null ? Slug.ALL : page.category();
    String number = Integer.toString(page.page());
    boolean usual = page.size() == USUAL_SIZE;
    return Keys.productList(category, usual ? number : number + "-" + page.size());
  }
}
