package dev.torii.catalog;

import static dev.torii.catalog.StockTables.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.catalog.CatalogApi.ChangeStock;
import dev.torii.catalog.StockOutcome.Kind;
import dev.torii.postgres.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The one statement that changes stocks, from two processes. */
class StockRepositoryIT {
  private static Vertx vertx;
  private static StockTables tables;
  private static List<Database> processes;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    tables = new StockTables();
    processes = List.of(tables.database(vertx), tables.database(vertx));
  }

  @AfterAll
  static void stop() throws Exception {
    processes.forEach(process -> await(process.close()));
    tables.close();
    await(vertx.close());
  }

  @Test
  void changesOfOneStatementAreMadeInOrderEachWithItsOwnVersion() throws Exception {
    long id = tables.product(100);
    List<StockOutcome> outcomes =
        change(0, delta(id, -3), delta(id, -98), delta(id, 5), set(id, 7), delta(id, -7));
    assertThat(outcomes)
        .containsExactly(
            new StockOutcome(Kind.CHANGED, 97, 2),
            new StockOutcome(Kind.INSUFFICIENT, 97, 2),
            new StockOutcome(Kind.CHANGED, 102, 3),
            new StockOutcome(Kind.CHANGED, 7, 4),
            new StockOutcome(Kind.CHANGED, 0, 5));
    assertThat(row(id)).isEqualTo("0 5");
    assertThat(told(id)).isEqualTo("2:97 3:102 4:7 5:0");
    assertThat(
            tables.text(
                "SELECT bool_and(c.epoch = round(extract(epoch FROM p.created_at) * 1000000)"
                    + " AND c.changed_at = p.updated_at AND p.updated_at > p.created_at)"
                    + " FROM stock_change c JOIN product p ON p.id = c.product_id WHERE p.id = "
                    + id))
        .isEqualTo("t");
  }

  @Test
  void refusedChangesLeaveNoTrace() throws Exception {
    long id = tables.product(5);
    String before = tables.text("SELECT updated_at FROM product WHERE id = " + id);
    assertThat(change(0, delta(id, -6), delta(id, StockRepository.MOST)))
        .containsExactly(
            new StockOutcome(Kind.INSUFFICIENT, 5, 1), new StockOutcome(Kind.TOO_MUCH, 5, 1));
    assertThat(change(0, delta(99_999, 1)))
        .containsExactly(new StockOutcome(Kind.NO_PRODUCT, 0, 0));
    assertThat(tables.text("SELECT updated_at FROM product WHERE id = " + id)).isEqualTo(before);
    assertThat(told(id)).isNull();
  }

  @Test
  void stockIsNeverBelowZeroAndNoChangeIsLost() throws Exception {
    long id = tables.product(100);
    List<Future<List<StockOutcome>>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ChangeStock[] one = {delta(id, -1), delta(id, -(i % 3))};
      all.add(start(i % 2, one));
    }
    List<Long> versions = new ArrayList<>();
    for (Future<List<StockOutcome>> one : all) {
      for (StockOutcome outcome : await(one)) {
        if (outcome.kind() == Kind.CHANGED) {
          versions.add(outcome.version());
        }
      }
    }
    assertThat(row(id)).isEqualTo("0 " + (versions.size() + 1));
    assertThat(versions)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(2, versions.size() + 1L).boxed().toList());
    assertThat(
            tables.number(
                "SELECT count(*) FROM (SELECT version, lag(version) OVER (ORDER BY id) AS before"
                    + " FROM stock_change WHERE product_id = "
                    + id
                    + ") v WHERE version <> before + 1"))
        .isZero();
  }

  @Test
  void sameKeyAtOnceOnTwoProcessesChangesOnce() throws Exception {
    for (int round = 0; round < 20; round++) {
      long id = tables.product(10);
      var asked = new ChangeStock(id, -3L, null, "ann", "round-" + round);
      List<Future<List<StockOutcome>>> both = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        both.add(start(i % 2, asked, delta(id, -1)));
      }
      for (Future<List<StockOutcome>> one : both) {
        StockOutcome first = await(one).get(0);
        assertThat(first.kind()).isEqualTo(Kind.CHANGED);
        assertThat(first).isEqualTo(await(both.get(0)).get(0));
      }
      // Once by the key, and as often as there was some by those without one.
      assertThat(row(id)).isEqualTo("0 9");
    }
  }

  @Test
  void keyIsAnsweredAsTheFirstTimeWhateverHappensSince() throws Exception {
    long id = tables.product(2);
    var granted = new ChangeStock(id, -2L, null, "ann", "granted");
    var refused = new ChangeStock(id, -2L, null, "ann", "refused");
    StockOutcome yes = change(0, granted).get(0);
    StockOutcome no = change(0, refused).get(0);
    change(1, set(id, 50));
    assertThat(change(1, granted, delta(id, -1), refused))
        .containsExactly(yes, new StockOutcome(Kind.CHANGED, 49, 4), no);
    assertThat(change(1, new ChangeStock(id, -3L, null, "ann", "granted")).get(0).kind())
        .isEqualTo(Kind.OTHER_REQUEST);
    assertThat(change(1, new ChangeStock(id, null, 2L, "ann", "granted")).get(0).kind())
        .isEqualTo(Kind.OTHER_REQUEST);
    assertThat(change(1, new ChangeStock(id, -2L, null, "bob", "granted")).get(0))
        .isEqualTo(new StockOutcome(Kind.CHANGED, 47, 5));
    tables.sql("DELETE FROM product WHERE id = " + id);
    assertThat(change(1, granted)).containsExactly(yes);
  }

  @Test
  void keyOfNothingIsNotUsedUp() throws Exception {
    long id = tables.product(2);
    tables.sql("DELETE FROM product WHERE id = " + id);
    var asked = new ChangeStock(id, 1L, null, "ann", "too early");
    assertThat(change(0, asked).get(0).kind()).isEqualTo(Kind.NO_PRODUCT);
    assertThat(tables.number("SELECT count(*) FROM stock_request WHERE key = 'too early'"))
        .isZero();
  }

  @Test
  void answersAreForgottenWhenTheyAreOldEnough() throws Exception {
    long id = tables.product(9);
    change(0, new ChangeStock(id, -1L, null, "ann", "old"));
    change(0, new ChangeStock(id, -1L, null, "ann", "young"));
    tables.sql(
        "UPDATE stock_request SET created_at = now() - interval '25 hours' WHERE key = 'old'");
    int forgotten =
        await(processes.get(0).run(db -> StockRepository.forget(db, Duration.ofHours(24), 1_000)));
    assertThat(forgotten).isEqualTo(1);
    assertThat(
            tables.text("SELECT string_agg(key, ' ') FROM stock_request WHERE product_id = " + id))
        .isEqualTo("young");
  }

  private static Future<List<StockOutcome>> start(int process, ChangeStock... asked) {
    return processes
        .get(process)
        .run(db -> StockRepository.change(db, asked[0].productId(), List.of(asked), null));
  }

  private static List<StockOutcome> change(int process, ChangeStock... asked) {
    return await(start(process, asked));
  }

  private static ChangeStock delta(long id, long delta) {
    return new ChangeStock(id, delta, null, "ann", null);
  }

  private static ChangeStock set(long id, long stock) {
    return new ChangeStock(id, null, stock, "ann", null);
  }

  private static String row(long id) throws Exception {
    return tables.text("SELECT stock || ' ' || version FROM product WHERE id = " + id);
  }

  private static String told(long id) throws Exception {
    return tables.text(
        "SELECT string_agg(version || ':' || stock, ' ' ORDER BY id) FROM stock_change"
            + " WHERE product_id = "
            + id);
  }
}
