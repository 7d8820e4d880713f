package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.RedisChannel;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stocks that two processes change and tell, also on bad days. */
class StockIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** The lock of whoever tells; held by a test, nobody tells. */
  private static final long LOCK_ID = 0x73746F636BL;

  private static final String POSTGRES = TestServices.freshDatabase();
  private static ToriiCluster cluster;
  private static ApiClient a;
  private static ApiClient b;
  private static ApiClient admin;
  private static ApiClient serviceOfA;
  private static ApiClient serviceOfB;
  private static RedisChannel channel;

  @BeforeAll
  static void start() {
    cluster = ToriiCluster.start(2, POSTGRES, StockIT::settings);
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

  @Test
  void stockIsChangedByServicesAndAdminsAlone() {
    long id = product(10);
    String user = TestAccount.register(a).accessToken();
    String other = TestAdmin.apiKey(admin, "tokens:revoke").getString("api_key");
    assertThat(delta(a, id, -1).status()).isEqualTo(401);
    assertThat(delta(a.as(user), id, -1).status()).isEqualTo(403);
    assertThat(delta(a.as(other), id, -1).status()).isEqualTo(403);
    assertThat(stock(a, id)).isEqualTo(10);

    Answer byService = delta(serviceOfB, id, -1);
    assertThat(byService.status()).isEqualTo(200);
    assertThat(byService.json())
        .isEqualTo(new JsonObject().put("product_id", id).put("stock", 9).put("version", 2));
    assertThat(post(admin, id, new JsonObject().put("set", 4), null).json().getLong("stock"))
        .isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"delta\":0}",
        "{\"delta\":1,\"set\":2}",
        "{\"delta\":1.5}",
        "{\"delta\":\"1\"}",
        "{\"delta\":null}",
        "{\"delta\":1000000001}",
        "{\"delta\":9223372036854775808}",
        "{\"set\":-1}",
        "{\"set\":1000000001}",
        "{\"add\":1}"
      })
  void requestsThatSayNothingClearAreRefused(String body) {
    long id = product(10);
    Answer answer = serviceOfA.post(path(id), body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(stock(a, id)).isEqualTo(10);
  }

  @Test
  void whatCannotBeDoneIsSaid() {
    long id = product(3);
    Answer tooMuch = delta(serviceOfA, id, -4);
    assertThat(tooMuch.status()).isEqualTo(409);
    assertThat(tooMuch.problem()).isEqualTo("insufficient-stock");
    assertThat(tooMuch.json().getString("detail")).contains("3");
    Answer overflow = delta(serviceOfA, id, 1_000_000_000);
    assertThat(overflow.status()).isEqualTo(409);
    assertThat(overflow.problem()).isEqualTo("conflict");
    assertThat(delta(serviceOfA, 999_999_999, 1).status()).isEqualTo(404);
    for (String noNumber : List.of("x", "0" + id)) {
      Answer refused = serviceOfA.post("/products/" + noNumber + "/stock", "{\"delta\":1}");
      assertThat(refused.status()).as(noNumber).isEqualTo(400);
    }
    for (String key : List.of("two words", "k".repeat(129), "")) {
      Answer badKey = post(serviceOfA, id, new JsonObject().put("delta", 1), key);
      assertThat(badKey.status()).as(key).isEqualTo(400);
    }
    assertThat(stock(a, id)).isEqualTo(3);
  }

  @Test
  void stockIsNeverBelowZeroAndEachChangeIsToldOnceInOrder() throws IOException {
    long id = product(20);
    List<CompletableFuture<Answer>> asked =
        IntStream.range(0, 60)
            .mapToObj(i -> i % 2 == 0 ? serviceOfA : serviceOfB)
            .map(node -> node.sendAsync(node.request("POST", path(id), "{\"delta\":-1}")))
            .toList();
    List<Answer> answers = asked.stream().map(CompletableFuture::join).toList();
    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(20);
    assertThat(answers).filteredOn(answer -> answer.status() == 409).hasSize(40);
    assertThat(stock(a, id)).isZero();
    assertThat(stock(b, id)).isZero();

    List<JsonObject> told = awaitTold(id, 21);
    assertThat(told)
        .extracting(change -> change.getLong("version"))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 21).boxed().toList());
    JsonObject last = told.get(20);
    assertThat(last.getLong("stock")).isZero();
    assertThat(last.getDouble("timestamp"))
        .isBetween(
            Instant.now().minusSeconds(60).getEpochSecond() * 1.0,
            Instant.now().plusSeconds(60).getEpochSecond() * 1.0);
  }

  @Test
  void repeatWithTheSameKeyIsAnsweredAsTheFirstWhoeverIsAsked() {
    for (int round = 0; round < 10; round++) {
      long id = product(100);
      String key = "round-" + UUID.randomUUID();
      List<Answer> answers =
          IntStream.range(0, 10)
              .mapToObj(i -> i % 2 == 0 ? serviceOfA : serviceOfB)
              .map(node -> node.sendAsync(keyed(node, id, "{\"delta\":-30}", key)))
              .toList()
              .stream()
              .map(CompletableFuture::join)
              .toList();
      assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
      assertThat(answers).extracting(Answer::text).containsOnly(answers.get(0).text());
      assertThat(stock(a, id)).isEqualTo(70);
    }
  }

  @Test
  void keyStandsForOneChangeOfOneCaller() {
    long id = product(5);
    String key = "key-" + UUID.randomUUID();
    assertThat(post(serviceOfA, id, new JsonObject().put("delta", -6), key).status())
        .isEqualTo(409);
    delta(serviceOfA, id, 100);
    // It was refused when it was asked for; another attempt has another key.
    Answer again = post(serviceOfB, id, new JsonObject().put("delta", -6), key);
    assertThat(again.problem()).isEqualTo("insufficient-stock");
    Answer other = post(serviceOfB, id, new JsonObject().put("delta", -5), key);
    assertThat(other.status()).isEqualTo(409);
    assertThat(other.problem()).isEqualTo("idempotency-conflict");
    assertThat(post(serviceOfB, product(5), new JsonObject().put("delta", -6), key).problem())
        .isEqualTo("idempotency-conflict");
    assertThat(post(admin, id, new JsonObject().put("delta", -6), key).status()).isEqualTo(200);
    assertThat(stock(a, id)).isEqualTo(99);
  }

  @Test
  void newStockIsReadEverywhereWhenTheAnswerIsThere() {
    String category = "c-" + UUID.randomUUID();
    long id = product(1_000, category);
    for (int i = 0; i < 50; i++) {
      for (ApiClient node : List.of(a, b)) {
        stock(node, id);
        listed(node, category);
      }
      long left = 999L - i;
      delta(i % 2 == 0 ? serviceOfA : serviceOfB, id, -1);
      for (ApiClient node : List.of(b, a)) {
        assertThat(stock(node, id)).isEqualTo(left);
        assertThat(listed(node, category)).isEqualTo(left);
      }
    }
    assertThat(a.get("/products/" + id).json().getBoolean("cached")).isTrue();
  }

  @Test
  void whatAKilledProcessHasNotToldIsToldByAnother() throws Exception {
    long id = product(50);
    awaitTold(id, 1);
    try (ToriiProcess third =
            ToriiProcess.builder()
                .redis(cluster.redisProxy().uri(cluster.redis().uri()))
                .postgres(POSTGRES)
                .with(StockIT::settings)
                .start();
        Connection held = TestServices.connect(POSTGRES);
        Statement sql = held.createStatement()) {
      sql.execute("SELECT pg_advisory_lock(" + LOCK_ID + ")");
      ApiClient service =
          third.api().as(TestAdmin.apiKey(admin, "stock:write").getString("api_key"));
      for (int i = 0; i < 5; i++) {
        assertThat(delta(service, id, -1).status()).isEqualTo(200);
      }
      third.kill();
      assertThat(told(id)).hasSize(1);
      sql.execute("SELECT pg_advisory_unlock(" + LOCK_ID + ")");
    }
    assertThat(awaitTold(id, 6))
        .extracting(change -> change.getLong("version"))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(stock(b, id)).isEqualTo(45);
  }

  @Test
  void withoutRedisStocksAreChangedAndToldWhenItIsBack() throws IOException {
    long id = product(50);
    awaitTold(id, 1);
    cluster.redisProxy().cut();
    for (int i = 0; i < 10; i++) {
      Answer changed = delta(i % 2 == 0 ? serviceOfA : serviceOfB, id, -1);
      assertThat(changed.status()).as(changed.text()).isEqualTo(200);
      assertThat(changed.json().getLong("stock")).isEqualTo(49L - i);
    }
    assertThat(stock(b, id)).isEqualTo(40);
    cluster.redisProxy().heal();
    assertThat(awaitTold(id, 11))
        .extracting(change -> change.getLong("version"))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 11).boxed().toList());
    await().atMost(PATIENCE).until(() -> stock(a, id) == 40 && stock(b, id) == 40);
  }

  private static ToriiProcess.Builder settings(ToriiProcess.Builder process) {
    return process
        .with(TestAdmin::in)
        .env("TORII_REDIS_RECONNECT_MAX_MS", "500")
        .env("TORII_LIMITS_STOCK_LIMIT", "100000")
        .env("TORII_LIMITS_PRODUCTS_LIMIT", "100000");
  }

  private static long product(long stock) {
    return product(stock, "tea");
  }

  private static long product(long stock, String category) {
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

  private static Answer delta(ApiClient node, long id, long delta) {
    return post(node, id, new JsonObject().put("delta", delta), null);
  }

  private static Answer post(ApiClient node, long id, JsonObject body, String key) {
    return key == null ? node.post(path(id), body) : node.send(keyed(node, id, body.encode(), key));
  }

  private static HttpRequest.Builder keyed(ApiClient node, long id, String body, String key) {
    return node.request("POST", path(id), body).header("Idempotency-Key", key);
  }

  private static String path(long id) {
    return "/products/" + id + "/stock";
  }

  private static long stock(ApiClient node, long id) {
    return node.get("/products/" + id).json().getJsonObject("product").getLong("stock");
  }

  private static long listed(ApiClient node, String category) {
    JsonObject page = node.get("/products?category=" + category).json();
    return page.getJsonArray("products").getJsonObject(0).getLong("stock");
  }

  /** What was told of a product when it was so many changes; the channel has rung for each. */
  private static List<JsonObject> awaitTold(long id, int count) throws IOException {
    await().atMost(PATIENCE).until(() -> told(id).size() >= count && rung(id).size() >= count);
    assertThat(rung(id)).isEqualTo(told(id));
    return told(id);
  }

  /** The messages of the channel, without what the stream does not carry in its data. */
  private static List<JsonObject> rung(long id) {
    return channel.messages().stream()
        .map(JsonObject::new)
        .filter(change -> change.getLong("product_id") == id)
        .peek(change -> assertThat(change.remove("id")).isNotNull())
        .peek(change -> change.remove("prev"))
        .toList();
  }

  /** The history of a product. */
  private static List<JsonObject> told(long id) throws IOException {
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
