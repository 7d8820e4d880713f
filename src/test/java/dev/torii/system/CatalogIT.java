package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The catalogue as the clients of two processes see it. */
class CatalogIT extends CatalogBed {
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
  void categoriesAreForgottenOnlyWhenTheirProductsMayHaveChanged() {
    long id = create(new JsonObject());
    awaitHit(b, "/categories");
    assertThat(adminOfA.put("/products/" + id, new JsonObject().put("price_cents", 7)).status())
        .isEqualTo(200);
    assertThat(adminOfA.delete("/products/999999998").status()).isEqualTo(404);
    assertThat(get(b, "/categories").header("x-cache")).contains("hit");
    var moved = new JsonObject().put("category", category + "-2");
    assertThat(adminOfA.put("/products/" + id, moved).status()).isEqualTo(200);
    Answer read = get(b, "/categories");
    assertThat(read.header("x-cache")).contains("miss");
    assertThat(productsOf(read)).isZero();
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
}
