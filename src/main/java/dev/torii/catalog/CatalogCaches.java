package dev.torii.catalog;

import dev.torii.cache.EntryCache;
import dev.torii.catalog.CatalogApi.GetPage;
import dev.torii.failure.Failure;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/**
 * What a change of the catalogue drops before it is answered: the product's own entry, and every
 * page of every list in one step.
 *
 * <p>Used on the context of {@link CatalogVerticle}, like the caches.
 */
final class CatalogCaches {
  private final EntryCache<Long> products;
  private final EntryCache<GetPage> pages;
  private final EntryCache<String> categories;
  private final Duration lateCommit;

  /**
   * @param lateCommit how long after its deadline a statement may still be committed
   */
  CatalogCaches(
      EntryCache<Long> products,
      EntryCache<GetPage> pages,
      EntryCache<String> categories,
      Duration lateCommit) {
    this.products = products;
    this.pages = pages;
    this.categories = categories;
    this.lateCommit = lateCommit;
  }

  /** A product was changed, but for its category; enough for its stock. */
  Future<Void> changed(long productId) {
    return Future.join(products.invalidate(productId), pages.invalidateAll()).mapEmpty();
  }

  /** The outcome of a write as of {@link #changed}, once nothing older than it is read. */
  <T> Future<T> settled(long productId, AsyncResult<T> outcome) {
    if (outcome.succeeded()) {
      return changed(productId).map(outcome.result());
    }
    Future<Void> dropped =
        isRefusal(outcome.cause()) ? Future.succeededFuture() : changedPerhaps(productId);
    return dropped.compose(done -> Future.failedFuture(outcome.cause()));
  }

  /** As {@link #settled}, for a write that changes how many products a category has. */
  <T> Future<T> settledWithCategories(long productId, AsyncResult<T> outcome) {
    Future<T> settled = settled(productId, outcome);
    if (outcome.failed() && isRefusal(outcome.cause())) {
      return settled;
    }
    Future<Void> dropped =
        outcome.succeeded()
            ? categories.invalidate(Slug.ALL)
            : categories.invalidateNowAndAfter(Slug.ALL, lateCommit);
    return Future.join(settled, dropped).transform(done -> settled);
  }

  /** Drops what could not be dropped while Redis was away. */
  void dropStaleEntries() {
    List.of(products, pages, categories).forEach(EntryCache::dropStaleEntries);
  }

  /** One that timed out may still be committed. */
  private Future<Void> changedPerhaps(long productId) {
    return Future.join(
            products.invalidateNowAndAfter(productId, lateCommit),
            pages.invalidateAllNowAndAfter(lateCommit))
        .mapEmpty();
  }

  /** Whether the database has answered, and nothing was changed. */
  private static boolean isRefusal(Throwable t) {
    return t instanceof Failure failure && failure.code().status() < 500;
  }
}
