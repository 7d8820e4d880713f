package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.PostgresProcess;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The catalogue as the clients of two processes see it, also on bad days. Each test reads from
 * addresses of its own, as a proxy tells them, so that none is in the way of another's limit.
 */
class CatalogIT {
  private static final Duration RECOVERY = Duration.ofSeconds(15);
  private static final AtomicInteger ADDRESSES = new AtomicInteger();

  private static PostgresProcess postgres;
  private static FaultProxy postgresProxy;
  private static ToriiCluster cluster;
  private static ApiClient a;
  private static ApiClient b;
  private static ApiClient adminOfA;
  private static ApiClient adminOfB;

  /** A category of the test alone. */
  private final String category = "c-" + UUID.randomUUID();

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

  @Test
  void productIsReadThroughTheCacheOfBothProcesses() {
    long id = create(new JsonObject().put("stock", 40).put("description", "Ü \"quoted\" ☕"));
    String path = "/products/" + id;
    Answer first = get(a, path);
    assertThat(first.header("x-cache")).contains("miss");
    assertThat(first.json().getBoolean("cached")).isFalse();
    JsonObject product = first.json().getJsonObject("product");
    assertThat(product.fieldNames())
        .containsExactlyInAnyOrder(
            "id",
            "name",
            "description",
            "price_cents",
            "currency",
            "category",
            "stock",
            "version",
            "updated_at");
    assertThat(product.getString("description")).isEqualTo("Ü \"quoted\" ☕");
    assertThat(product.getLong("stock")).isEqualTo(40);
    assertThat(product.getLong("version")).isEqualTo(1);

    Answer hit = awaitHit(b, path);
    assertThat(hit.json().getBoolean("cached")).isTrue();
    assertThat(hit.json().getJsonObject("product")).isEqualTo(product);
    assertThat(hit.header("etag")).isEqualTo(first.header("etag"));
    assertThat(hit.header("cache-control")).contains("no-cache");
  }

  @Test
  void listsAndCategoriesAreReadThroughTheCacheOfBothProcesses() {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(create(new JsonObject()));
    }
    String path = "/products?category=" + category + "&page_size=2&page=";
    Answer first = get(a, path + 1);
    assertThat(first.header("x-cache")).contains("miss");
    assertThat(ids(first)).isEqualTo(ids.subList(0, 2));
    assertThat(ids(get(b, path + 2))).isEqualTo(ids.subList(2, 4));
    assertThat(ids(get(a, path + 3))).isEqualTo(ids.subList(4, 5));
    assertThat(get(b, path + 4).json())
        .isEqualTo(
            new JsonObject()
                .put("products", new JsonArray())
                .put("page", 4)
                .put("page_size", 2)
                .put("total", 5)
                .put("cached", false));
    Answer hit = awaitHit(b, path + 1);
    assertThat(hit.json()).isEqualTo(first.json().put("cached", true));
    assertThat(hit.header("etag")).isEqualTo(first.header("etag"));
    assertThat(ids(get(a, "/products?category=" + category))).isEqualTo(ids);
    assertThat(get(a, "/products?category=all").json().getLong("total")).isGreaterThanOrEqualTo(5);

    assertThat(productsOf(get(a, "/categories"))).isEqualTo(5);
    assertThat(productsOf(awaitHit(b, "/categories"))).isEqualTo(5);
    create(new JsonObject());
    assertThat(productsOf(get(b, "/categories"))).isEqualTo(6);
  }

  @Test
  void writeOnOneProcessIsReadAtOnceOnTheOther() {
    long id = create(new JsonObject());
    create(new JsonObject());
    List<String> lists =
        List.of(
            "/products?category=" + category,
            "/products?category=" + category + "&page_size=1",
            "/products?category=" + category + "&page_size=50");
    for (int price = 1; price <= 6; price++) {
      takeAnAddress();
      awaitHit(b, "/products/" + id);
      lists.forEach(list -> awaitHit(b, list));
      Answer changed = adminOfA.put("/products/" + id, new JsonObject().put("price_cents", price));
      assertThat(changed.status()).as(changed.text()).isEqualTo(200);
      JsonObject product = changed.json().getJsonObject("product");
      assertThat(product.getLong("version")).isEqualTo(price + 1);
      assertThat(get(b, "/products/" + id).json().getJsonObject("product")).isEqualTo(product);
      for (String list : lists) {
        assertThat(get(b, list).json().getJsonArray("products").getJsonObject(0))
            .isEqualTo(product);
      }
    }
    takeAnAddress();
    lists.forEach(list -> awaitHit(b, list));
    assertThat(adminOfA.delete("/products/" + id).status()).isEqualTo(204);
    assertThat(get(b, "/products/" + id).status()).isEqualTo(404);
    lists.forEach(list -> assertThat(ids(get(b, list))).doesNotContain(id).hasSize(1));
    assertThat(adminOfB.delete("/products/" + id).status()).isEqualTo(404);
    assertThat(adminOfB.put("/products/" + id, new JsonObject().put("name", "x")).status())
        .isEqualTo(404);
  }

  @Test
  void emptyPageIsCachedUntilThereIsAProduct() {
    String path = "/products?category=" + category;
    assertThat(get(a, path).json().getLong("total")).isZero();
    assertThat(ids(awaitHit(b, path))).isEmpty();
    long id = create(new JsonObject());
    assertThat(ids(get(b, path))).containsExactly(id);
  }

  @Test
  void productThatWasKnownAsMissingIsThereWhenItIsMade() {
    String next = "/products/" + (create(new JsonObject()) + 1);
    assertThat(get(a, next).status()).isEqualTo(404);
    await("known as missing")
        .until(() -> get(b, next).header("x-cache").orElse(""), "negative"::equals);
    create(new JsonObject());
    assertThat(get(b, next).status()).isEqualTo(200);
  }

  @Test
  void clientThatHasItIsToldSoUntilItChanges() throws IOException {
    long id = create(new JsonObject());
    String product = "/products/" + id;
    for (String path : List.of(product, "/products?category=" + category, "/categories")) {
      Answer first = get(a, path);
      String tag = first.header("etag").orElseThrow();
      assertThat(tag).startsWith("W/\"");
      for (String known : List.of(tag, tag.substring(2), "\"other\", " + tag, "*")) {
        Answer same = getUnless(b, path, known);
        assertThat(same.status()).as(known).isEqualTo(304);
        assertThat(same.text()).isEmpty();
        assertThat(same.header("etag")).contains(tag);
        assertThat(same.header("cache-control")).contains("no-cache");
        assertThat(same.header("x-ratelimit-limit")).contains("100");
      }
      awaitHit(b, path);
      assertThat(getUnless(b, path, tag).status()).isEqualTo(304);
      assertThat(getUnless(b, path, "\"other\"").status()).isEqualTo(200);

      String other = UUID.randomUUID().toString();
      var change = new JsonObject().put("name", other).put("category", "c-" + other);
      assertThat(adminOfA.put(product, change).status()).isEqualTo(200);
      Answer changed = getUnless(b, path, tag);
      assertThat(changed.status()).isEqualTo(200);
      assertThat(changed.header("etag")).isPresent().isNotEqualTo(first.header("etag"));
      adminOfA.put(product, new JsonObject().put("category", category));
    }
  }

  @Test
  void addressMayReadTheCatalogueAHundredTimesAMinuteOnBothTogether() {
    long id = create(new JsonObject());
    List<String> paths =
        List.of("/products/" + id, "/products?category=" + category, "/categories");
    for (int i = 0; i < 100; i++) {
      Answer admitted = get(i % 2 == 0 ? a : b, paths.get(i % 3));
      assertThat(admitted.status()).as("request %s: %s", i, admitted.text()).isEqualTo(200);
      assertThat(admitted.header("x-ratelimit-limit")).contains("100");
      assertThat(admitted.header("ratelimit-policy")).contains("\"products\";q=100;w=60");
    }
    for (ApiClient node : List.of(a, b)) {
      Answer refused = get(node, paths.get(0));
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.json().getString("policy")).isEqualTo("products");
      assertThat(refused.header("x-ratelimit-remaining")).contains("0");
      assertThat(refused.header("retry-after").map(Integer::valueOf).orElseThrow())
          .isBetween(1, 60);
    }
    takeAnAddress();
    assertThat(get(a, paths.get(0)).status()).isEqualTo(200);
  }

  @Test
  void onlyAdminsWrite() {
    long id = create(new JsonObject());
    String path = "/products/" + id;
    ApiClient user = a.as(TestAccount.register(a).accessToken());
    ApiClient service = a.as(TestAdmin.apiKey(adminOfA, "stock:write").getString("api_key"));
    JsonObject change = new JsonObject().put("name", "mine");
    assertThat(a.post("/products", product()).status()).isEqualTo(401);
    assertThat(a.put(path, change).status()).isEqualTo(401);
    assertThat(a.delete(path).status()).isEqualTo(401);
    for (ApiClient other : List.of(user, service)) {
      assertThat(other.post("/products", product()).status()).isEqualTo(403);
      assertThat(other.put(path, change).status()).isEqualTo(403);
      assertThat(other.delete(path).status()).isEqualTo(403);
    }
    assertThat(get(a, path).json().getJsonObject("product").getString("name")).isEqualTo("Sencha");
  }

  @Test
  void writesAreInTheAuditLog() {
    long id = create(new JsonObject());
    adminOfA.put("/products/" + id, new JsonObject().put("price_cents", 1));
    adminOfB.delete("/products/" + id);
    JsonArray entries = adminOfA.get("/admin/audit?subject=" + id).json().getJsonArray("entries");
    assertThat(entries.stream().map(JsonObject.class::cast))
        .extracting(entry -> entry.getString("action"))
        .containsExactly("product.deleted", "product.updated", "product.created");
  }

  @Test
  void faultsOfARequestAreListedTogether() {
    JsonObject wrong =
        new JsonObject()
            .put("name", "  ")
            .put("description", "x".repeat(2001))
            .put("price_cents", -1)
            .put("currency", "euro")
            .put("category", "all")
            .put("stock", 1.5)
            .put("colour", "green");
    assertThat(faults(adminOfA.post("/products", wrong)))
        .containsExactlyInAnyOrder(
            "/name: must not be blank",
            "/description: must be at most 2000 characters",
            "/price_cents: must be at least 0",
            "/currency: must be three capital letters such as EUR",
            "/category: must be a slug such as green-tea, and not all",
            "/stock: must be a whole number",
            "/colour: is not a known field");
    assertThat(faults(adminOfA.post("/products", new JsonObject())))
        .containsExactlyInAnyOrder(
            "/name: is required",
            "/price_cents: is required",
            "/currency: is required",
            "/category: is required");
    long id = create(new JsonObject());
    assertThat(faults(adminOfA.put("/products/" + id, new JsonObject().put("stock", 5))))
        .containsExactly("/stock: is not changed here but by POST /products/{id}/stock");
    assertThat(faults(adminOfA.put("/products/" + id, new JsonObject())))
        .containsExactly(": must have at least one field");
    assertThat(faults(adminOfA.post("/products", product().put("category", "a-".repeat(30_000)))))
        .containsExactly("/category: must be at most 64 characters");
    assertThat(faults(get(a, "/products?page=0&page_size=101&category=A_B&colour=green")))
        .containsExactlyInAnyOrder(
            "?page: must be a whole number from 1 to 10000",
            "?page_size: must be a whole number from 1 to 100",
            "?category: does not have the expected form",
            "?colour: is not a known parameter");
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "0", "-1", "1.5", "007", "9999999999999999999"})
  void whatIsNoNumberOfAProductIsRefused(String id) {
    assertThat(faults(get(a, "/products/" + id))).hasSize(1).first().asString().startsWith("/id: ");
  }

  @Test
  void oldAnswersAreMarkedAndUnknownOnesRefusedWhilePostgresIsAway() throws IOException {
    long id = create(new JsonObject());
    long unread = create(new JsonObject());
    String product = "/products/" + id;
    String list = "/products?category=" + category;
    String tag = awaitHit(a, product).header("etag").orElseThrow();
    awaitHit(a, list);
    postgresProxy.cut();
    assertThat(get(b, product).header("x-cache")).contains("hit");
    assertThat(get(b, list).header("x-cache")).contains("hit");
    cluster.redis().probe().ask("DEL", "product:" + id, "product:list:" + category + ":1");
    for (String path : List.of(product, list)) {
      Answer old = get(b, path);
      assertThat(old.status()).as(old.text()).isEqualTo(200);
      assertThat(old.header("x-cache")).contains("stale");
      assertThat(old.json().getBoolean("cached")).isTrue();
    }
    assertThat(getUnless(a, product, tag).status()).isEqualTo(304);
    Answer refused = get(b, "/products/" + unread);
    assertThat(refused.status()).isIn(503, 504);
    if (refused.status() == 503) {
      assertThat(refused.header("retry-after")).isPresent();
    }
    assertThat(adminOfB.put(product, new JsonObject().put("price_cents", 1)).status())
        .isIn(503, 504);
  }

  @Test
  void withoutRedisPostgresAnswersAndWhatWasWrittenMeanwhileIsReadFromThenOn() {
    long id = create(new JsonObject());
    String product = "/products/" + id;
    String list = "/products?category=" + category;
    awaitHit(b, product);
    awaitHit(b, list);
    cluster.redisProxy().cut();
    for (ApiClient node : List.of(a, b)) {
      assertThat(get(node, product).json().getBoolean("cached")).isFalse();
      assertThat(ids(get(node, list))).containsExactly(id);
    }
    assertThat(adminOfA.put(product, new JsonObject().put("price_cents", 77)).status())
        .isEqualTo(200);
    assertThat(price(get(b, product).json().getJsonObject("product"))).isEqualTo(77);
    assertThat(price(firstOf(get(b, list)))).isEqualTo(77);
    cluster.redisProxy().heal();
    await("both are cached again")
        .atMost(RECOVERY)
        .pollInterval(Duration.ofMillis(300))
        .until(
            () -> {
              Answer one = get(b, product);
              Answer page = get(b, list);
              assertThat(price(one.json().getJsonObject("product"))).isEqualTo(77);
              assertThat(price(firstOf(page))).isEqualTo(77);
              return one.json().getBoolean("cached") && page.json().getBoolean("cached");
            });
  }

  private long create(JsonObject more) {
    Answer made = adminOfA.post("/products", product().mergeIn(more));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    long id = made.json().getJsonObject("product").getLong("id");
    assertThat(made.header("location")).contains("/products/" + id);
    return id;
  }

  private JsonObject product() {
    return new JsonObject()
        .put("name", "Sencha")
        .put("price_cents", 1290)
        .put("currency", "EUR")
        .put("category", category);
  }

  private Answer get(ApiClient node, String path) {
    return node.send(asAddress(node, path));
  }

  private Answer getUnless(ApiClient node, String path, String known) {
    return node.send(asAddress(node, path).header("If-None-Match", known));
  }

  private HttpRequest.Builder asAddress(ApiClient node, String path) {
    return node.request("GET", path).header("X-Forwarded-For", address);
  }

  private Answer awaitHit(ApiClient node, String path) {
    return await(path)
        .until(
            () -> get(node, path), answer -> answer.header("x-cache").equals(Optional.of("hit")));
  }

  private static List<Long> ids(Answer page) {
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    return page.json().getJsonArray("products").stream()
        .map(JsonObject.class::cast)
        .map(product -> product.getLong("id"))
        .toList();
  }

  private static JsonObject firstOf(Answer page) {
    return page.json().getJsonArray("products").getJsonObject(0);
  }

  private static long price(JsonObject product) {
    return product.getLong("price_cents");
  }

  private long productsOf(Answer categories) {
    return categories.json().getJsonArray("categories").stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getString("slug").equals(category))
        .mapToLong(one -> one.getLong("products"))
        .sum();
  }

  private static List<String> faults(Answer refused) {
    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    return refused.json().getJsonArray("errors").stream()
        .map(JsonObject.class::cast)
        .map(fault -> fault.getString("pointer") + ": " + fault.getString("detail"))
        .toList();
  }
}
