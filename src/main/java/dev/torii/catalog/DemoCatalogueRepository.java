package dev.torii.catalog;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/** Puts the demonstration into the tables of the catalogue; all SQL for that is here. */
final class DemoCatalogueRepository {
  /** Held until the end of the transaction; the number means nothing but "the demonstration". */
  private static final String LOCK = "SELECT pg_advisory_xact_lock(7216003)";

  private static final String CONTENT =
      """
      SELECT EXISTS (SELECT FROM product) AS any_product, EXISTS (
        SELECT FROM product WHERE name NOT IN (
          SELECT name FROM jsonb_to_recordset($1::text::jsonb -> 'products') AS d (name text)
        )) AS other_product
      """;

  /** A sequence tells of products that were removed too. */
  private static final String IS_NEW =
      "SELECT NOT is_called AND NOT EXISTS (SELECT FROM product) AS is_new FROM product_id_seq";

  private static final String ADD_CATEGORIES =
      """
      INSERT INTO category (slug, name)
      SELECT slug, name
      FROM jsonb_to_recordset($1::text::jsonb -> 'categories') AS d (slug text, name text)
      ON CONFLICT (slug) DO NOTHING
      """;

  /** In the order of the file, in which the ids and so the pages are. */
  private static final String ADD_PRODUCTS =
      """
      INSERT INTO product (name, description, price_cents, currency, category, stock)
      SELECT
        d ->> 'name',
        d ->> 'description',
        (d ->> 'price_cents')::bigint,
        $1::text::jsonb ->> 'currency',
        d ->> 'category',
        (d ->> 'stock')::bigint
      FROM jsonb_array_elements($1::text::jsonb -> 'products') WITH ORDINALITY AS e (d, place)
      ORDER BY place
      """;

  private DemoCatalogueRepository() {}

  /** Lets one transaction at a time look and load. */
  static Future<Void> lock(SqlClient tx) {
    return tx.query(LOCK).execute().mapEmpty();
  }

  /**
   * What is there already.
   *
   * @param demo the demonstration as JSON
   */
  static Future<Content> content(SqlClient tx, String demo) {
    return tx.preparedQuery(CONTENT)
        .execute(Tuple.of(demo))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return new Content(row.getBoolean("any_product"), row.getBoolean("other_product"));
            });
  }

  /** Whether no product was ever made. */
  static Future<Boolean> isNew(SqlClient tx) {
    return tx.query(IS_NEW).execute().map(rows -> rows.iterator().next().getBoolean("is_new"));
  }

  /** Adds its categories and products, and says how many products there were. */
  static Future<Integer> add(SqlClient tx, String demo) {
    return tx.preparedQuery(ADD_CATEGORIES)
        .execute(Tuple.of(demo))
        .compose(added -> tx.preparedQuery(ADD_PRODUCTS).execute(Tuple.of(demo)))
        .map(added -> added.rowCount());
  }

  /**
   * What a catalogue holds.
   *
   * @param products whether it has any
   * @param otherProducts whether some of them are not of the demonstration, by their names
   */
  record Content(boolean products, boolean otherProducts) {}
}
