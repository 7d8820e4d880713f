package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.PostgresProcess;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * Two processes with a catalogue, whose servers can be cut off. Each test reads from addresses of
 * its own, as a proxy tells them, so that none is in the way of another's limit.
 */
abstract class CatalogBed {
  static final Duration RECOVERY = Duration.ofSeconds(15);
  private static final AtomicInteger ADDRESSES = new AtomicInteger();

  private static PostgresProcess postgres;
  static FaultProxy postgresProxy;
  static ToriiCluster cluster;
  static ApiClient a;
  static ApiClient b;
  static ApiClient adminOfA;
  static ApiClient adminOfB;

  /** A category of the test alone. */
  final String category = "c-" + UUID.randomUUID();

  private String address;

  @BeforeAll
  static void start() {
    postgres = TestServices.freshPostgres();
    postgresProxy = FaultProxy.inFrontOf(postgres.port());
    cluster =
        ToriiCluster.start(
            2,
            postgresProxy.uri(postgres.uri()),
            settings ->
                settings
                    .with(TestAdmin::in)
                    .env("TORII_HTTP_TRUSTED_PROXIES", "127.0.0.1")
                    .env("TORII_REDIS_RECONNECT_MAX_MS", "500"));
    a = cluster.api(0);
    b = cluster.api(1);
    adminOfA = TestAdmin.login(a);
    adminOfB = TestAdmin.login(b);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    postgresProxy.close();
    postgres.close();
  }

  @BeforeEach
  void takeAnAddress() {
    int number = ADDRESSES.incrementAndGet();
    address = "203.0.113." + number;
  }

  @AfterEach
  void healAll() {
    cluster.redisProxy().heal();
    postgresProxy.heal();
    for (ApiClient node : List.of(a, b)) {
      await("ready")
          .atMost(RECOVERY)
          .until(() -> node.get("/health/ready").json().getString("status"), "ready"::equals);
    }
  }

  long create(JsonObject more) {
    Answer made = adminOfA.post("/products", product().mergeIn(more));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    long id = made.json().getJsonObject("product").getLong("id");
    assertThat(made.header("location")).contains("/products/" + id);
    return id;
  }

  JsonObject product() {
    return new JsonObject()
        .put("name", "Sencha")
        .put("price_cents", 1290)
        .put("currency", "EUR")
        .put("category", category);
  }

  Answer get(ApiClient node, String path) {
    return node.send(asAddress(node, path));
  }

  Answer getUnless(ApiClient node, String path, String known) {
    return node.send(asAddress(node, path).header("If-None-Match", known));
  }

  private HttpRequest.Builder asAddress(ApiClient node, String path) {
    return node.request("GET", path).header("X-Forwarded-For", address);
  }

  Answer awaitHit(ApiClient node, String path) {
    return await(path)
        .until(
            () -> get(node, path), answer -> answer.header("x-cache").equals(Optional.of("hit")));
  }

  /**
   * Returns when all changes of stocks are told: until then the process that tells of another's
   * change may still drop what is cached of the product.
   */
  static void awaitAllTold() {
    await("all changes are told")
        .until(
            () -> {
              try (Connection connection = TestServices.connect(postgres.uri());
                  Statement statement = connection.createStatement();
                  ResultSet rows = statement.executeQuery("SELECT 1 FROM stock_change LIMIT 1")) {
                return !rows.next();
              }
            });
  }

  static List<Long> ids(Answer page) {
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    return page.json().getJsonArray("products").stream()
        .map(JsonObject.class::cast)
        .map(product -> product.getLong("id"))
        .toList();
  }

  static JsonObject firstOf(Answer page) {
    return page.json().getJsonArray("products").getJsonObject(0);
  }

  static long price(JsonObject product) {
    return product.getLong("price_cents");
  }

  long productsOf(Answer categories) {
    return categories.json().getJsonArray("categories").stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getString("slug").equals(category))
        .mapToLong(one -> one.getLong("products"))
        .sum();
  }

  static List<String> faults(Answer refused) {
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    return refused.json().getJsonArray("errors").stream()
        .map(JsonObject.class::cast)
        .map(fault -> fault.getString("pointer") + ": " + fault.getString("detail"))
        .toList();
  }
}
