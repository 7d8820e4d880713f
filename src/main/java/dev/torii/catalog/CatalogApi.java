package dev.torii.catalog;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import io.vertx.core.buffer.Buffer;

/** What other packages may know about the catalogue: addresses and messages, nothing else. */
public final class CatalogApi {
  public static final Address<GetProduct, CatalogJson> GET =
      new Address<>("catalog.get", GetProduct.class, CatalogJson.class);

  public static final Address<GetPage, CatalogJson> GET_PAGE =
      new Address<>("catalog.get-page", GetPage.class, CatalogJson.class);

  public static final Address<GetCategories, CatalogJson> GET_CATEGORIES =
      new Address<>("catalog.get-categories", GetCategories.class, CatalogJson.class);

  public static final Address<CreateProduct, ProductWritten> CREATE =
      new Address<>("catalog.create", CreateProduct.class, ProductWritten.class);

  public static final Address<UpdateProduct, ProductWritten> UPDATE =
      new Address<>("catalog.update", UpdateProduct.class, ProductWritten.class);

  public static final Address<DeleteProduct, Done> DELETE =
      new Address<>("catalog.delete", DeleteProduct.class, Done.class);

  public static final Address<ChangeStock, Stock> CHANGE_STOCK =
      new Address<>("catalog.change-stock", ChangeStock.class, Stock.class);

  private CatalogApi() {}

  /** Asks for a product that was not found in the cache. */
  public record GetProduct(long id) implements BusMessage {}

  /**
   * One page of the list of products.
   *
   * @param category its slug, null for all
   * @param page 1 or more
   * @param size products on a page, 1-100
   */
  public record GetPage(String category, int page, int size) implements BusMessage {}

  public record GetCategories() implements BusMessage {}

  /**
   * A product, a page or the categories, as the bytes that clients and the cache see.
   *
   * @param cached whether a cache knew it
   * @param stale whether it is past its life, because PostgreSQL is away or slow
   * @param cachedAt what a cache has written at its end; null when it did not
   */
  public record CatalogJson(Buffer json, boolean cached, boolean stale, String cachedAt)
      implements BusMessage {}

  /**
   * What an admin says of a product.
   *
   * @param stock at the beginning
   */
  public record CreateProduct(
      Actor by,
      String name,
      String description,
      long priceCents,
      String currency,
      String category,
      long stock)
      implements BusMessage {}

  /** Changes what is not null. */
  public record UpdateProduct(
      Actor by,
      long id,
      String name,
      String description,
      Long priceCents,
      String currency,
      String category)
      implements BusMessage {}

  /** A product as it is now. */
  public record ProductWritten(long productId, Buffer json) implements BusMessage {}

  public record DeleteProduct(Actor by, long id) implements BusMessage {}

  /**
   * Changes a stock in one step: by a difference or to a number, of which one is null.
   *
   * @param caller who asks; keys of different callers do not meet
   * @param idempotencyKey a second request of the same key is answered as the first; null for none
   */
  public record ChangeStock(
      long productId, Long delta, Long set, String caller, String idempotencyKey)
      implements BusMessage {}

  public record Stock(long productId, long stock, long version) implements BusMessage {}
}
