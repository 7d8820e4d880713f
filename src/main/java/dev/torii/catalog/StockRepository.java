package dev.torii.catalog;

import dev.torii.catalog.CatalogApi.ChangeStock;
import dev.torii.catalog.StockOutcome.Kind;
import dev.torii.postgres.DataFault;
import dev.torii.postgres.SqlTime;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Stocks in the {@code product} table and answers in {@code stock_request}; all their SQL. */
final class StockRepository {
  /** Most that can be of one product; far enough from every limit that no sum overflows. */
  static final long MOST = 1_000_000_000;

  private static final String UNIQUE_VIOLATION = "23505";

  /** Times that a statement may meet others of the same key that were committed meanwhile. */
  private static final int ATTEMPTS = 5;

  /**
   * Any number of changes of one product, one after the other, each whole or not at all; with the
   * answers to keys, and with what is to be told. Those whose key was answered before are skipped.
   */
  private static final String CHANGE =
      """
      WITH RECURSIVE asked AS (
        SELECT a.*, r.outcome, r.stock, r.version,
          (r.product_id, r.delta, r.target) IS DISTINCT FROM ($1, a.delta, a.target) AS other
        FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[])
            WITH ORDINALITY AS a (delta, target, caller, key, n)
          LEFT JOIN stock_request r ON r.caller = a.caller AND r.key = a.key
      ), fresh AS (
        SELECT row_number() OVER (ORDER BY n) AS turn, n, delta, target, caller, key
        FROM asked WHERE outcome IS NULL
      ), held AS (
        SELECT id, stock, version, updated_at FROM product
        WHERE id = $1 AND EXISTS (SELECT FROM fresh) FOR NO KEY UPDATE
      ), step (turn, outcome, stock, version) AS (
        SELECT 0::bigint, NULL::text, stock, version FROM held
        UNION ALL
        SELECT f.turn, o.outcome,
          CASE o.outcome WHEN 'changed' THEN w.stock ELSE s.stock END,
          CASE o.outcome WHEN 'changed' THEN s.version + 1 ELSE s.version END
        FROM step s JOIN fresh f ON f.turn = s.turn + 1
          CROSS JOIN LATERAL (SELECT coalesce(f.target, s.stock + f.delta)) AS w (stock)
          CROSS JOIN LATERAL (SELECT CASE WHEN w.stock < 0 THEN 'insufficient'
            WHEN w.stock > $6 THEN 'too-much' ELSE 'changed' END) AS o (outcome)
      ), changed AS (
        UPDATE product p SET stock = l.stock, version = l.version,
          updated_at = greatest(clock_timestamp(), h.updated_at + interval '1 microsecond')
        FROM held h, (SELECT stock, version FROM step ORDER BY turn DESC LIMIT 1) AS l
        WHERE p.id = h.id AND l.version > h.version
        RETURNING p.id, p.created_at, p.updated_at
      ), noted AS (
        INSERT INTO stock_change (product_id, epoch, stock, version, changed_at, writer)
        SELECT c.id, extract(epoch FROM c.created_at) * 1000000, s.stock, s.version, c.updated_at,
          $7::uuid
        FROM changed c, step s WHERE s.outcome = 'changed' ORDER BY s.turn
      ), kept AS (
        INSERT INTO stock_request
          (caller, key, product_id, delta, target, outcome, stock, version)
        SELECT f.caller, f.key, $1, f.delta, f.target, s.outcome, s.stock, s.version
        FROM fresh f JOIN step s USING (turn) WHERE f.key IS NOT NULL ORDER BY f.caller, f.key
      )
      SELECT a.outcome IS NOT NULL AND a.other AS other, coalesce(a.outcome, s.outcome) AS outcome,
        coalesce(a.stock, s.stock) AS stock, coalesce(a.version, s.version) AS version
      FROM asked a LEFT JOIN fresh f USING (n) LEFT JOIN step s USING (turn) ORDER BY a.n
      """;

  private static final String FIND =
      "SELECT id, stock, version, updated_at FROM product WHERE id = $1";

  private static final String CHANGED_SINCE =
      """
      SELECT id, stock, version, updated_at FROM product WHERE updated_at >= $1
      ORDER BY updated_at DESC LIMIT $2
      """;

  private static final String FORGET =
      """
      DELETE FROM stock_request WHERE (caller, key) IN (
        SELECT caller, key FROM stock_request WHERE created_at < now() - make_interval(secs => $1)
        ORDER BY created_at LIMIT $2)
      """;

  private StockRepository() {}

  /**
   * Makes changes of one product in this order, in one statement.
   *
   * @param asked of which no two have the same caller and key
   * @param writer the process that drops what caches have of the product
   * @return an outcome for each, in their order
   */
  static Future<List<StockOutcome>> change(
      SqlClient db, long productId, List<ChangeStock> asked, UUID writer) {
    return change(db, productId, asked, writer, 1);
  }

  private static Future<List<StockOutcome>> change(
      SqlClient db, long productId, List<ChangeStock> asked, UUID writer, int attempt) {
    return db.preparedQuery(CHANGE)
        .execute(parameters(productId, asked, writer))
        .map(
            rows -> {
              List<StockOutcome> outcomes = new ArrayList<>(asked.size());
              rows.forEach(row -> outcomes.add(outcome(row)));
              return outcomes;
            })
        .recover(
            t ->
                UNIQUE_VIOLATION.equals(DataFault.reason(t)) && attempt < ATTEMPTS
                    ? change(db, productId, asked, writer, attempt + 1)
                    : Future.failedFuture(t));
  }

  /** The stock of a product, empty when there is no such product. */
  static Future<Optional<StockChange>> find(SqlClient db, long productId) {
    return db.preparedQuery(FIND)
        .execute(Tuple.of(productId))
        .map(StockRepository::stocks)
        .map(found -> found.stream().findFirst());
  }

  /** Stocks of the products that were changed last, those that were since a moment. */
  static Future<List<StockChange>> changedSince(SqlClient db, Instant moment, int most) {
    return db.preparedQuery(CHANGED_SINCE)
        .execute(Tuple.of(SqlTime.of(moment), most))
        .map(StockRepository::stocks);
  }

  /** Forgets answers that are older, at most so many; gives how many it forgot. */
  static Future<Integer> forget(SqlClient db, Duration age, int most) {
    return db.preparedQuery(FORGET)
        .execute(Tuple.of((double) age.toSeconds(), most))
        .map(deleted -> deleted.rowCount());
  }

  private static Tuple parameters(long productId, List<ChangeStock> asked, UUID writer) {
    int count = asked.size();
    var deltas = new Long[count];
    var targets = new Long[count];
    var callers = new String[count];
    var keys = new String[count];
    for (int i = 0; i < count; i++) {
      ChangeStock one = asked.get(i);
      deltas[i] = one.delta();
      targets[i] = one.set();
      callers[i] = one.caller();
      keys[i] = one.idempotencyKey();
    }
    return Tuple.of(productId, deltas, targets, callers, keys, MOST).addUUID(writer);
  }

  private static List<StockChange> stocks(RowSet<Row> rows) {
    List<StockChange> stocks = new ArrayList<>(rows.size());
    rows.forEach(
        row ->
            stocks.add(
                new StockChange(
                    row.getLong("id"),
                    row.getLong("stock"),
                    row.getLong("version"),
                    false,
                    SqlTime.get(row, "updated_at"))));
    return stocks;
  }

  private static StockOutcome outcome(Row row) {
    String outcome = row.getString("outcome");
    if (outcome == null) {
      return new StockOutcome(Kind.NO_PRODUCT, 0, 0);
    }
    if (row.getBoolean("other")) {
      return new StockOutcome(Kind.OTHER_REQUEST, 0, 0);
    }
    Kind kind =
        switch (outcome) {
          case "changed" -> Kind.CHANGED;
          case "insufficient" -> Kind.INSUFFICIENT;
          default -> Kind.TOO_MUCH;
        };
    return new StockOutcome(kind, row.getLong("stock"), row.getLong("version"));
  }
}
