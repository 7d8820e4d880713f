package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.text.PlainLine;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the catalogue refuses to whom, and what it answers on bad days. */
class CatalogRulesIT extends CatalogBed {
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
            "/name: " + PlainLine.RULE,
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
    assertThat(faults(get(a, "/products?page=01")))
        .containsExactly("?page: must be a whole number from 1 to 10000");
    assertThat(faults(get(a, "/products/01")))
        .containsExactly("/id: must be a whole number from 1 to 999999999999999999");
    assertThat(faults(get(a, "/events"))).containsExactly("?topic: is required");
    assertThat(faults(get(a, "/events?since=1")))
        .containsExactlyInAnyOrder("?since: is not a known parameter", "?topic: is required");
  }

  @Test
  void listsAreReadUpToABound() {
    assertThat(get(a, "/products?page=100&page_size=100").status()).isEqualTo(200);
    assertThat(faults(get(a, "/products?page=101&page_size=100")))
        .containsExactly("?page: must end within the first 10000 products (page * page_size)");
    assertThat(faults(get(a, "/products?page=10000"))).hasSize(1);
  }

  @Test
  void whatIsMissingIsToldTheSameWithAndWithoutTheCache() {
    String path = "/products/999999999";
    Answer first = get(a, path);
    assertThat(first.header("x-cache")).contains("miss");
    Answer known =
        await("known as missing")
            .until(
                () -> get(b, path),
                answer -> answer.header("x-cache").orElse("").equals("negative"));
    assertThat(known.json().getString("detail")).isEqualTo(first.json().getString("detail"));
    assertThat(adminOfA.delete(path).json().getString("detail"))
        .isEqualTo(first.json().getString("detail"));
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
    awaitAllTold();
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
}
