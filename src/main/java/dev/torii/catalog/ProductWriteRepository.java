package dev.torii.catalog;

import dev.torii.catalog.CatalogApi.CreateProduct;
import dev.torii.catalog.CatalogApi.UpdateProduct;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import java.util.UUID;

/**
 * What admins write of the tables {@code product} and {@code category}. Each change is also noted
 * in {@code stock_change} while the row is locked, with the process that made it.
 */
final class ProductWriteRepository {
  private static final String NEXT_ID =
      "SELECT nextval(pg_get_serial_sequence('product', 'id')) AS id";

  private static final String CREATE =
      """
      WITH known AS (
        INSERT INTO category (slug, name) VALUES ($6, initcap(replace($6, '-', ' ')))
        ON CONFLICT DO NOTHING),
      made AS (
        INSERT INTO product
          (id, name, description, price_cents, currency, category, stock)
        OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING *),
      told AS (
        INSERT INTO stock_change (product_id, epoch, stock, version, changed_at, writer)
        SELECT id, (extract(epoch FROM created_at) * 1000000)::bigint, stock, version, updated_at,
          $8::uuid
        FROM made)
      SELECT * FROM made
      """;

  private static final String UPDATE =
      """
      WITH known AS (
        INSERT INTO category (slug, name)
        SELECT $6::text, initcap(replace($6::text, '-', ' ')) WHERE $6::text IS NOT NULL
        ON CONFLICT DO NOTHING),
      changed AS (
        UPDATE product SET
          name = coalesce($2, name),
          description = coalesce($3, description),
          price_cents = coalesce($4, price_cents),
          currency = coalesce($5, currency),
          category = coalesce($6::text, category),
          version = version + 1,
          updated_at = clock_timestamp()
        WHERE id = $1
        RETURNING *),
      noted AS (
        INSERT INTO stock_change (product_id, epoch, stock, version, changed_at, writer)
        SELECT id, (extract(epoch FROM created_at) * 1000000)::bigint, NULL, version, updated_at,
          $7::uuid
        FROM changed)
      SELECT * FROM changed
      """;

  private static final String DELETE =
      """
      WITH gone AS (DELETE FROM product WHERE id = $1 RETURNING *),
      told AS (
        INSERT INTO stock_change (product_id, epoch, stock, version, deleted, changed_at, writer)
        SELECT id, (extract(epoch FROM created_at) * 1000000)::bigint, 0, version + 1, true,
          clock_timestamp(), $2::uuid
        FROM gone)
      SELECT * FROM gone
      """;

  private ProductWriteRepository() {}

  /** An id that no product has or had. */
  static Future<Long> nextId(SqlClient db) {
    return db.preparedQuery(NEXT_ID).execute().map(rows -> rows.iterator().next().getLong("id"));
  }

  static Future<Product> create(SqlClient tx, long id, CreateProduct product, UUID writer) {
    return tx.preparedQuery(CREATE)
        .execute(
            Tuple.of(
                id,
                product.name(),
                product.description(),
                product.priceCents(),
                product.currency(),
                product.category(),
                product.stock(),
                writer))
        .map(rows -> first(rows).orElseThrow());
  }

  /** Changes what is not null; empty when there is no such product. */
  static Future<Optional<Product>> update(SqlClient tx, UpdateProduct change, UUID writer) {
    return tx.preparedQuery(UPDATE)
        .execute(
            Tuple.of(
                change.id(),
                change.name(),
                change.description(),
                change.priceCents(),
                change.currency(),
                change.category(),
                writer))
        .map(ProductWriteRepository::first);
  }

  /** The product as it was; empty when there is no such. */
  static Future<Optional<Product>> delete(SqlClient tx, long id, UUID writer) {
    return tx.preparedQuery(DELETE)
        .execute(Tuple.of(id, writer))
        .map(ProductWriteRepository::first);
  }

  private static Optional<Product> first(RowSet<Row> rows) {
    return rows.size() == 0
        ? Optional.empty()
        : Optional.of(ProductRepository.product(rows.iterator().next()));
  }
}
