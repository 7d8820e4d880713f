package dev.torii.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.HasAttributeOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions;
import dev.torii.testing.ApiClient;
import dev.torii.testing.Browser;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestHandlers;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Two processes and a browser that looks at their pages. */
abstract class LivePageBed {
  /** Longer than any back-off of the page. */
  static final double PATIENCE_MILLIS = Duration.ofSeconds(40).toMillis();

  static Browser browser;
  static ToriiCluster cluster;
  static String database;
  static ApiClient admin;

  BrowserContext window;
  final List<String> console = new ArrayList<>();

  @BeforeAll
  static void start() {
    browser = Browser.start();
    database = TestServices.freshDatabase();
    cluster = ToriiCluster.start(2, database, LivePageBed::settings);
    admin = TestAdmin.login(cluster.api(1));
  }

  static ToriiProcess.Builder settings(ToriiProcess.Builder process) {
    return TestAdmin.in(process)
        .with(TestHandlers.settings())
        .env("TORII_LIMITS_PRODUCTS_LIMIT", "100000")
        .env("TORII_LIMITS_ADMIN_LIMIT", "100000");
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void open() {
    window = browser.window();
  }

  @AfterEach
  void close() {
    cluster.redisProxy().heal();
    window.close();
  }

  ToriiProcess third(int port) {
    return ToriiProcess.builder()
        .redis(cluster.redisProxy().uri(cluster.redis().uri()))
        .postgres(database)
        .with(LivePageBed::settings)
        .env("TORII_HTTP_PORT", Integer.toString(port))
        .start();
  }

  Page page(URI process, String path) {
    Page page = window.newPage();
    page.onConsoleMessage(message -> console.add(message.type() + ": " + message.text()));
    page.onPageError(error -> console.add("error: " + error));
    page.onRequestFailed(request -> console.add("failed: " + request.url()));
    page.navigate(process.resolve(path).toString());
    return page;
  }

  static void follow(Page page, String topic, String token) {
    page.locator("#topic").fill(topic);
    page.locator("#token").fill(token);
    page.locator("#follow button[type=submit]").click();
  }

  static Locator row(Page page, long product) {
    return page.locator("tr[data-product='" + product + "']");
  }

  static void shows(Page page, long product, int stock) {
    assertThat(row(page, product)).hasAttribute("data-stock", Integer.toString(stock), slowly());
  }

  static void isInState(Page page, String state) {
    assertThat(page.locator("#link")).hasAttribute("data-state", state, slowly());
  }

  static HasAttributeOptions slowly() {
    return new HasAttributeOptions().setTimeout(PATIENCE_MILLIS);
  }

  static ContainsTextOptions within() {
    return new ContainsTextOptions().setTimeout(PATIENCE_MILLIS);
  }

  static HasTextOptions slow() {
    return new HasTextOptions().setTimeout(PATIENCE_MILLIS);
  }

  static long product(String name, int stock) {
    ApiClient.Answer made =
        admin.post(
            "/products",
            new JsonObject()
                .put("name", name)
                .put("price_cents", 1990)
                .put("currency", "EUR")
                .put("category", "kitchen")
                .put("stock", stock));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return made.json().getJsonObject("product").getLong("id");
  }

  static void setStock(long product, int stock) {
    ApiClient.Answer changed =
        admin.post("/products/" + product + "/stock", new JsonObject().put("set", stock));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
  }
}
