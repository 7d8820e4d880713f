package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ProcessExit;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The command {@code demo-data} beside a process that serves. */
class DemoDataIT {
  private static final Pattern USER = Pattern.compile("user\\s+(\\S+@example\\.com)");
  private static final Pattern PASSWORD = Pattern.compile("password\\s+(\\S+)");

  private final String database = TestServices.freshDatabase();
  private final String redis = TestServices.freshRedis().uri();

  @Test
  void aProcessThatKnowsTheEmptyCatalogueShowsTheLoadedOneAtOnce() {
    try (ToriiProcess torii = torii()) {
      assertThat(total(torii.api())).isZero();

      ProcessExit loading = demoData();

      assertThat(loading.code()).as(loading.logs()).isZero();
      assertThat(total(torii.api())).isEqualTo(300);
      assertThat(torii.api().get("/categories").json().getJsonArray("categories")).hasSize(10);
      Matcher user = USER.matcher(loading.stdout());
      Matcher password = PASSWORD.matcher(loading.stdout());
      assertThat(user.find() && password.find()).as(loading.stdout()).isTrue();
      TestAccount found = TestAccount.login(torii.api(), user.group(1), password.group(1));
      JsonObject profile =
          torii
              .api()
              .as(found.accessToken())
              .get(found.profilePath())
              .json()
              .getJsonObject("profile");
      assertThat(profile)
          .isNotEmpty()
          .allSatisfy(field -> assertThat(field.getValue()).isNotNull());

      ProcessExit again = demoData();

      assertThat(again.code()).as(again.logs()).isZero();
      assertThat(again.stdout()).contains("there already").doesNotContain("shown only now");
      assertThat(total(torii.api())).isEqualTo(300);
      TestAccount.login(torii.api(), user.group(1), password.group(1));
    }
  }

  @Test
  void productsAreWhatTheirNamesSay() {
    demoData();
    try (ToriiProcess torii = torii()) {
      Set<String> names = new HashSet<>();
      int soldOut = 0;
      for (int page = 1; page <= 3; page++) {
        JsonArray products =
            torii.api().get("/products?page_size=100&page=" + page).json().getJsonArray("products");
        for (int i = 0; i < products.size(); i++) {
          JsonObject product = products.getJsonObject(i);
          names.add(product.getString("name"));
          soldOut += product.getInteger("stock") == 0 ? 1 : 0;
          assertThat(product.getString("currency")).isEqualTo("EUR");
          assertThat(product.getString("description")).hasSizeBetween(30, 200);
          assertThat(product.getLong("price_cents")).isBetween(200L, 50_000L);
        }
      }
      assertThat(names).hasSize(300);
      assertThat(soldOut).isBetween(5, 50);
    }
  }

  @Test
  void aCatalogueWithProductsOfItsOwnIsLeftAlone() {
    try (ToriiProcess torii = torii()) {
      ApiClient.Answer made =
          TestAdmin.login(torii.api())
              .post(
                  "/products",
                  new JsonObject()
                      .put("name", "Our own product")
                      .put("price_cents", 100)
                      .put("currency", "EUR")
                      .put("category", "our-own"));
      assertThat(made.status()).as(made.text()).isEqualTo(201);

      ProcessExit refused = demoData();

      assertThat(refused.code()).as(refused.logs()).isEqualTo(2);
      assertThat(refused.logs()).contains("products of its own; nothing was changed");
      assertThat(refused.stdout()).doesNotContain("shown only now");
      assertThat(total(torii.api())).isEqualTo(1);
      assertThat(TestAdmin.login(torii.api()).get("/admin/users").json().getJsonArray("users"))
          .as("only the admin")
          .hasSize(1);
    }
  }

  @Test
  void otherProductsBesideThoseOfTheDemonstrationAreProductsOfItsOwn() {
    try (ToriiProcess torii = torii()) {
      assertThat(demoData().code()).isZero();
      ApiClient admin = TestAdmin.login(torii.api());
      ApiClient.Answer made =
          admin.post(
              "/products",
              new JsonObject()
                  .put("name", "Our own product")
                  .put("price_cents", 100)
                  .put("currency", "EUR")
                  .put("category", "our-own"));
      assertThat(made.status()).as(made.text()).isEqualTo(201);

      ProcessExit refused = demoData();

      assertThat(refused.code()).as(refused.logs()).isEqualTo(2);
      assertThat(refused.logs()).contains("products of its own; nothing was changed");
    }
  }

  @Test
  void thePasswordIsShownThoughRedisIsAway() {
    ProcessExit loading =
        ToriiProcess.builder()
            .redis("redis://127.0.0.1:1")
            .postgres(database)
            .args("demo-data")
            .run();
    assertThat(loading.code()).as(loading.logs()).isZero();
    assertThat(loading.stdout()).contains("shown only now");
    assertThat(loading.logs()).contains("Redis is away");
  }

  private ToriiProcess torii() {
    return ToriiProcess.builder().redis(redis).postgres(database).with(TestAdmin::in).start();
  }

  private ProcessExit demoData() {
    return ToriiProcess.builder().redis(redis).postgres(database).args("demo-data").run();
  }

  private static int total(ApiClient api) {
    return api.get("/products").json().getInteger("total");
  }
}
