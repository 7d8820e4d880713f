package dev.torii.catalog;

import dev.torii.catalog.CatalogApi.GetPage;
import dev.torii.postgres.SqlTime;
import dev.torii.postgres.SqlWhere;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What readers see of the tables {@code product} and {@code category}. */
final class ProductRepository {
  private static final String COLUMNS =
      "id, name, description, price_cents, currency, category, stock, version, updated_at";

  private static final String FIND = "SELECT " + COLUMNS + " FROM product WHERE id = ANY ($1)";

  /** One row at least, so that an empty page tells the total too. */
  private static final String PAGE =
      """
      SELECT counted.total, page.*
      FROM (SELECT count(*) AS total FROM product WHERE %1$s) counted
      LEFT JOIN (
        SELECT %2$s FROM product WHERE %1$s ORDER BY id LIMIT %3$s OFFSET %4$s) page ON TRUE
      ORDER BY page.id
      """;

  private static final String CATEGORIES =
      """
      SELECT c.slug, c.name, p.products
      FROM category c
      JOIN (SELECT category, count(*) AS products FROM product GROUP BY category) p
        ON p.category = c.slug
      ORDER BY c.slug
      """;

  private ProductRepository() {}

  /** Those that exist. */
  static Future<Map<Long, Buffer>> find(SqlClient db, Collection<Long> ids) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(ids.toArray(Long[]::new)))
        .map(
            rows -> {
              Map<Long, Buffer> found = new HashMap<>();
              rows.forEach(row -> found.put(row.getLong("id"), product(row).toBuffer()));
              return found;
            });
  }

  /** One page in the order of ids, with the number of products of all pages. */
  static Future<Buffer> page(SqlClient db, GetPage asked) {
    SqlWhere where = new SqlWhere().andIfGiven("category = ?", asked.category());
    String limit = where.parameter((long) asked.size());
    String offset = where.parameter((asked.page() - 1L) * asked.size());
    return db.preparedQuery(PAGE.formatted(where.text(), COLUMNS, limit, offset))
        .execute(where.values())
        .map(rows -> page(rows, asked));
  }

  /** The categories that have products. */
  static Future<Buffer> categories(SqlClient db) {
    return db.preparedQuery(CATEGORIES)
        .execute()
        .map(
            rows -> {
              var categories = new JsonArray();
              for (Row row : rows) {
                categories.add(
                    new JsonObject()
                        .put("slug", row.getString("slug"))
                        .put("name", row.getString("name"))
                        .put("products", row.getLong("products")));
              }
              return new JsonObject().put("categories", categories).toBuffer();
            });
  }

  private static Buffer page(RowSet<Row> rows, GetPage asked) {
    var products = new JsonArray();
    long total = 0;
    for (Row row : rows) {
      total = row.getLong("total");
      if (row.getLong("id") != null) {
        products.add(product(row).toJson());
      }
    }
    return new JsonObject()
        .put("products", products)
        .put("page", asked.page())
        .put("page_size", asked.size())
        .put("total", total)
        .toBuffer();
  }

  static Product product(Row row) {
    return new Product(
        row.getLong("id"),
        row.getString("name"),
        row.getString("description"),
        row.getLong("price_cents"),
        row.getString("currency"),
        row.getString("category"),
        row.getLong("stock"),
        row.getLong("version"),
        SqlTime.get(row, "updated_at"));
  }
}
