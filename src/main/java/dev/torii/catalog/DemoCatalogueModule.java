package dev.torii.catalog;

import dev.torii.cache.CacheGroups;
import dev.torii.catalog.DemoCatalogueRepository.Content;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A catalogue to look at, for whom has none yet: ten categories and a few hundred products. */
public final class DemoCatalogueModule {
  private static final String FILE = "/demo/catalogue.json";

  /** What may have been read while there were no products. */
  private static final List<String> CACHES = List.of("products", "productLists", "categories");

  private DemoCatalogueModule() {}

  /** What came of it. */
  public enum Outcome {
    LOADED,
    /** Products of it are there and no others, so it was loaded before; nothing was changed. */
    THERE_ALREADY,
    /** There are products that are not of the demonstration; nothing was changed. */
    OTHER_PRODUCTS
  }

  /** Loads it into a catalogue without products; others are left as they are. */
  public static Future<Outcome> load(SqlConnection tx) {
    String demo = read();
    return DemoCatalogueRepository.lock(tx)
        .compose(locked -> DemoCatalogueRepository.content(tx, demo))
        .compose(content -> load(tx, demo, content));
  }

  /** Loads it into a catalogue that never had a product, and says whether it was one. */
  public static Future<Boolean> loadIfNew(SqlConnection tx) {
    return DemoCatalogueRepository.lock(tx)
        .compose(locked -> DemoCatalogueRepository.isNew(tx))
        .compose(
            isNew ->
                isNew
                    ? DemoCatalogueRepository.add(tx, read()).map(true)
                    : Future.succeededFuture(false));
  }

  /** Has every process forget what it read of the catalogue before; fails when Redis is away. */
  public static Future<Void> dropCaches(RedisClient redis) {
    return Future.join(CACHES.stream().map(cache -> CacheGroups.drop(redis, cache)).toList())
        .mapEmpty();
  }

  private static Future<Outcome> load(SqlConnection tx, String demo, Content content) {
    if (content.otherProducts()) {
      return Future.succeededFuture(Outcome.OTHER_PRODUCTS);
    }
    if (content.products()) {
      return Future.succeededFuture(Outcome.THERE_ALREADY);
    }
    return DemoCatalogueRepository.add(tx, demo).map(Outcome.LOADED);
  }

  private static String read() {
    try (InputStream in = DemoCatalogueModule.class.getResourceAsStream(FILE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
