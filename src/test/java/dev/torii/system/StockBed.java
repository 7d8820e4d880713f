package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.RedisChannel;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Two processes that change and tell stocks, with one who listens. */
abstract class StockBed {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** The lock of whoever tells; held by a test, nobody tells. */
  static final long LOCK_ID = 0x73746F636BL;

  static final String POSTGRES = TestServices.freshDatabase();
  static ToriiCluster cluster;
  static ApiClient a;
  static ApiClient b;
  static ApiClient admin;
  static ApiClient serviceOfA;
  static ApiClient serviceOfB;
  static RedisChannel channel;

  @BeforeAll
  static void start() {
    cluster = ToriiCluster.start(2, POSTGRES, StockBed::settings);
    a = cluster.api(0);
    b = cluster.api(1);
    admin = TestAdmin.login(a);
    String key = TestAdmin.apiKey(admin, "stock:write").getString("api_key");
    serviceOfA = a.as(key);
    serviceOfB = b.as(key);
    channel = RedisChannel.of(cluster.redis().uri(), "stock:updates");
  }

  @AfterAll
  static void stop() {
    channel.close();
    cluster.close();
  }

  @AfterEach
  void heal() {
    cluster.redisProxy().heal();
    for (ApiClient node : List.of(a, b)) {
      await()
          .atMost(PATIENCE)
          .until(() -> node.get("/health/ready").json().getString("status"), "ready"::equals);
    }
  }

  static ToriiProcess.Builder settings(ToriiProcess.Builder process) {
    return process
        .with(TestAdmin::in)
        .env("TORII_REDIS_RECONNECT_MAX_MS", "500")
        .env("TORII_LIMITS_STOCK_LIMIT", "100000")
        .env("TORII_LIMITS_PRODUCTS_LIMIT", "100000");
  }

  static long product(long stock) {
    return product(stock, "tea");
  }

  static long product(long stock, String category) {
    Answer made =
        admin.post(
            "/products",
            new JsonObject()
                .put("name", "Assam")
                .put("price_cents", 450)
                .put("currency", "EUR")
                .put("category", category)
                .put("stock", stock));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return made.json().getJsonObject("product").getLong("id");
  }

  static Answer delta(ApiClient node, long id, long delta) {
    return post(node, id, new JsonObject().put("delta", delta), null);
  }

  static Answer post(ApiClient node, long id, JsonObject body, String key) {
    return key == null ? node.post(path(id), body) : node.send(keyed(node, id, body.encode(), key));
  }

  static HttpRequest.Builder keyed(ApiClient node, long id, String body, String key) {
    return node.request("POST", path(id), body).header("Idempotency-Key", key);
  }

  static String path(long id) {
    return "/products/" + id + "/stock";
  }

  static long stock(ApiClient node, long id) {
    return node.get("/products/" + id).json().getJsonObject("product").getLong("stock");
  }

  static long listed(ApiClient node, String category) {
    JsonObject page = node.get("/products?category=" + category).json();
    return page.getJsonArray("products").getJsonObject(0).getLong("stock");
  }

  /** What was told of a product when it was so many changes; the channel has rung for each. */
  static List<JsonObject> awaitTold(long id, int count) throws IOException {
    await().atMost(PATIENCE).until(() -> told(id).size() >= count && rung(id).size() >= count);
    assertThat(rung(id)).isEqualTo(told(id));
    return told(id);
  }

  /** The messages of the channel, without what the stream does not carry in its data. */
  static List<JsonObject> rung(long id) {
    return channel.messages().stream()
        .map(JsonObject::new)
        .filter(change -> change.getLong("product_id") == id)
        .peek(change -> assertThat(change.remove("id")).isNotNull())
        .peek(change -> change.remove("prev"))
        .toList();
  }

  /** The history of a product. */
  static List<JsonObject> told(long id) throws IOException {
    List<JsonObject> found = new ArrayList<>();
    for (Object entry : (List<?>) cluster.redis().probe().ask("XRANGE", "stream:stock", "-", "+")) {
      List<?> fields = (List<?>) ((List<?>) entry).get(1);
      JsonObject change = new JsonObject((String) fields.get(fields.indexOf("data") + 1));
      if (change.getLong("product_id") == id) {
        found.add(change);
      }
    }
    return found;
  }
}
