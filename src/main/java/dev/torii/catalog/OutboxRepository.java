package dev.torii.catalog;

import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Changes of products that nobody was told of yet: the {@code stock_change} table; all its SQL. */
final class OutboxRepository {
  /** Of the advisory lock whose holder alone tells; the letters of {@code stock}. */
  private static final long LOCK_ID = 0x73746F636BL;

  /** Where counting ends, so that it stays cheap however much waits. */
  private static final int COUNTED = 10_000;

  private static final String LOCK = "SELECT pg_try_advisory_xact_lock($1) AS mine";

  private static final String OLDEST =
      """
      SELECT id, product_id, epoch, stock, version, deleted, changed_at, writer
      FROM stock_change ORDER BY id LIMIT $1
      """;

  private static final String DELETE = "DELETE FROM stock_change WHERE id = ANY ($1)";

  private static final String WAITING =
      """
      SELECT (SELECT count(*) FROM (SELECT FROM stock_change LIMIT $1) AS counted) AS waiting,
        (SELECT greatest(0, extract(epoch FROM clock_timestamp() - changed_at) * 1000)::bigint
          FROM stock_change ORDER BY id LIMIT 1) AS lag
      """;

  private OutboxRepository() {}

  /** Whether this transaction is the one that tells; until its end no other is. */
  static Future<Boolean> lock(SqlClient tx) {
    return tx.preparedQuery(LOCK)
        .execute(Tuple.of(LOCK_ID))
        .map(rows -> rows.iterator().next().getBoolean("mine"));
  }

  /** The oldest changes that were not told yet, in their order. */
  static Future<List<Waiting>> oldest(SqlClient tx, int most) {
    return tx.preparedQuery(OLDEST)
        .execute(Tuple.of(most))
        .map(
            rows -> {
              List<Waiting> found = new ArrayList<>(rows.size());
              rows.forEach(row -> found.add(waiting(row)));
              return found;
            });
  }

  static Future<Void> delete(SqlClient tx, List<Waiting> told) {
    return tx.preparedQuery(DELETE)
        .execute(Tuple.of(told.stream().map(Waiting::id).toArray(Long[]::new)))
        .mapEmpty();
  }

  /** How many changes wait, counted up to 10,000, and for how long the oldest has. */
  static Future<Backlog> backlog(SqlClient db) {
    return db.preparedQuery(WAITING)
        .execute(Tuple.of(COUNTED))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              Long lag = row.getLong("lag");
              return new Backlog(row.getLong("waiting"), lag == null ? 0 : lag);
            });
  }

  private static Waiting waiting(Row row) {
    Long stock = row.getLong("stock");
    var change =
        new StockChange(
            row.getLong("product_id"),
            stock == null ? 0 : stock,
            row.getLong("version"),
            row.getBoolean("deleted"),
            SqlTime.get(row, "changed_at"));
    return new Waiting(
        row.getLong("id"), row.getLong("epoch"), change, stock != null, row.getUUID("writer"));
  }

  /**
   * A change that was not told yet.
   *
   * @param epoch tells the product from an earlier one of its id
   * @param ofStock whether it is to be told; other changes of a product are not
   * @param writer the process that made it; null for one of an earlier release
   */
  record Waiting(long id, long epoch, StockChange change, boolean ofStock, UUID writer) {}

  /**
   * What is still to be told.
   *
   * @param lagMillis since the oldest change
   */
  record Backlog(long count, long lagMillis) {}
}
