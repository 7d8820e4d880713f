package dev.torii.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.audit.Actor;
import dev.torii.catalog.CatalogApi.CreateProduct;
import dev.torii.catalog.CatalogApi.UpdateProduct;
import dev.torii.config.ConfigBinder;
import dev.torii.postgres.Database;
import dev.torii.postgres.Migrations;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a write of a product leaves behind for those who follow its stock. */
class ProductWriteRepositoryIT {
  private static Vertx vertx;
  private static Database database;

  @BeforeAll
  static void open() throws Exception {
    String uri = TestServices.freshDatabase();
    Migrations.apply(uri);
    vertx = Vertx.vertx();
    database = new Database(vertx, uri, ConfigBinder.of(Map.of()).pg(), new SimpleMeterRegistry());
    database.firstAnswer(Duration.ofSeconds(30)).await(40, TimeUnit.SECONDS);
  }

  @AfterAll
  static void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void everyChangeIsNotedWithTheWriteAndOnlyThoseOfTheStockAreToBeTold() throws Exception {
    Product full = create(3);
    run(db -> ProductWriteRepository.update(db, priced(full.id(), 5L), null));
    run(db -> ProductWriteRepository.delete(db, full.id(), null));
    List<String> told = told(full.id());
    assertThat(told).hasSize(3);
    assertThat(told.get(0)).startsWith("3 at 1 of ");
    String epoch = told.get(0).substring("3 at 1 of ".length());
    assertThat(told.get(1)).isEqualTo("same at 2 of " + epoch);
    assertThat(told.get(2)).isEqualTo("0 at 3 of " + epoch);
    assertThat(Long.parseLong(epoch) / 1_000_000).isEqualTo(full.updatedAt().getEpochSecond());
  }

  @Test
  void aProductWithoutStockIsToldOfLikeOthers() throws Exception {
    Product empty = create(0);
    run(db -> ProductWriteRepository.delete(db, empty.id(), null));
    List<String> told = told(empty.id());
    assertThat(told).hasSize(2);
    assertThat(told.get(0)).startsWith("0 at 1 of ");
    assertThat(told.get(1)).startsWith("0 at 2 of ");
  }

  @Test
  void changeSetsWhatIsGivenAndLeavesTheRest() throws Exception {
    Product made = create(3);
    Product changed =
        run(db -> ProductWriteRepository.update(db, priced(made.id(), 5L), null)).get();
    assertThat(changed)
        .usingRecursiveComparison()
        .ignoringFields("priceCents", "version", "updatedAt")
        .isEqualTo(made);
    assertThat(changed.priceCents()).isEqualTo(5);
    assertThat(changed.version()).isEqualTo(2);
    assertThat(changed.updatedAt()).isAfter(made.updatedAt());
    Optional<Product> nobody =
        run(db -> ProductWriteRepository.update(db, priced(made.id() + 99, 5L), null));
    assertThat(nobody).isEmpty();
  }

  private static UpdateProduct priced(long id, Long cents) {
    return new UpdateProduct(Actor.OPERATOR, id, null, null, cents, null, null);
  }

  private static Product create(long stock) throws Exception {
    var product = new CreateProduct(Actor.OPERATOR, "Sencha", "", 1290, "EUR", "green-tea", stock);
    return run(
        db ->
            ProductWriteRepository.nextId(db)
                .compose(id -> ProductWriteRepository.create(db, id, product, null)));
  }

  private static List<String> told(long productId) throws Exception {
    List<String> told = new ArrayList<>();
    run(db ->
            db.query(
                    "SELECT coalesce(stock::text, 'same') || ' at ' || version || ' of ' || epoch"
                        + " AS change FROM stock_change WHERE product_id = "
                        + productId
                        + " ORDER BY id")
                .execute())
        .forEach(row -> told.add(row.getString("change")));
    return told;
  }

  private static <T> T run(Function<SqlClient, Future<T>> statements) throws Exception {
    return database.run(statements).await(20, TimeUnit.SECONDS);
  }
}
