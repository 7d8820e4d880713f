package dev.torii.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route.FulfillOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.HasAttributeOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.HasCountOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions;
import dev.torii.testing.ApiClient;
import dev.torii.testing.Browser;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.Ports;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page {@code /live} as people see it, on two processes that share their servers. */
class LivePageIT {
  /** Longer than any back-off of the page. */
  private static final double PATIENCE_MILLIS = Duration.ofSeconds(40).toMillis();

  private static Browser browser;
  private static ToriiCluster cluster;
  private static String database;
  private static ApiClient admin;

  private BrowserContext window;
  private final List<String> console = new ArrayList<>();

  @BeforeAll
  static void start() {
    browser = Browser.start();
    database = TestServices.freshDatabase();
    cluster = ToriiCluster.start(2, database, LivePageIT::settings);
    admin = TestAdmin.login(cluster.api(1));
  }

  private static ToriiProcess.Builder settings(ToriiProcess.Builder process) {
    return TestAdmin.in(process)
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

  @Test
  void showsTheStockAndTheBrowserHasNothingToComplainOf() {
    long jug = product("Milk jug", 12);
    Page page = page(cluster.node(0).baseUri(), "/live");

    shows(page, jug, 12);
    isInState(page, "live");
    assertThat(page.locator("#count")).containsText("product");
    assertThat(console).isEmpty();
  }

  @Test
  void fitsATelephone() {
    product("Enamelled casserole with a name that is as long as names of products ever get", 3);
    try (BrowserContext narrow = browser.narrowWindow()) {
      Page page = narrow.newPage();
      page.navigate(cluster.node(0).baseUri().resolve("/live").toString());
      isInState(page, "live");
      assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
          .isEqualTo(true);
    }
  }

  @Test
  void showsWhatIsChangedOnAnotherProcess() {
    long pan = product("Cast-iron pan", 7);
    Page page = page(cluster.node(0).baseUri(), "/live");
    shows(page, pan, 7);
    isInState(page, "live");

    setStock(pan, 5);

    shows(page, pan, 5);
    assertThat(page.locator("#changes li").first()).containsText("7 → 5");
    assertThat(row(page, pan)).hasClass("fresh");
    assertThat(console).isEmpty();
  }

  @Test
  void readsTheListOnceAndAsksForAProductThatIsNewAlone() {
    List<String> asked = new ArrayList<>();
    Page page = window.newPage();
    page.onRequest(request -> asked.add(URI.create(request.url()).getRawSchemeSpecificPart()));
    page.navigate(cluster.node(0).baseUri().resolve("/live").toString());
    isInState(page, "live");

    long kettle = product("Kettle", 5);
    setStock(kettle, 4);

    shows(page, kettle, 4);
    assertThat(asked).filteredOn(path -> path.contains("/products?page=1&")).hasSize(1);
    assertThat(asked).filteredOn(path -> path.endsWith("/products/" + kettle)).hasSize(1);
  }

  @Test
  void takesAwayWhatIsDeleted() {
    long cup = product("Cup", 3);
    Page page = page(cluster.node(0).baseUri(), "/live");
    shows(page, cup, 3);
    isInState(page, "live");

    assertThat(admin.delete("/products/" + cup).status()).isEqualTo(204);

    assertThat(row(page, cup)).hasCount(0, new HasCountOptions().setTimeout(PATIENCE_MILLIS));
    assertThat(page.locator("#changes li").first()).containsText("3 → deleted");
  }

  @Test
  void saysThatTheListCannotBeReadAndGoesOnWithWhatItIsTold() {
    long bowl = product("Bowl", 6);
    Page page = page(cluster.node(0).baseUri(), "/live");
    shows(page, bowl, 6);
    isInState(page, "live");
    page.route(
        "**/products?*",
        route ->
            route.fulfill(
                new FulfillOptions().setStatus(429).setHeaders(Map.of("Retry-After", "1"))));

    page.evaluate("stock.reload(true)");
    isInState(page, "behind");
    assertThat(page.locator("#link-detail")).containsText("cannot be read", within());
    setStock(bowl, 1);
    shows(page, bowl, 1);
    isInState(page, "behind");

    page.unroute("**/products?*");
    isInState(page, "live");
    shows(page, bowl, 1);
  }

  @Test
  void aCurrencyThatNobodyKnowsSpoilsNothing() {
    long plate = product("Plate", 2);
    Page page = window.newPage();
    page.route(
        "**/products?*",
        route -> {
          String body = route.fetch().text().replace("\"EUR\"", "\"?\"");
          route.fulfill(new FulfillOptions().setContentType("application/json").setBody(body));
        });
    page.navigate(cluster.node(0).baseUri().resolve("/live").toString());

    shows(page, plate, 2);
    assertThat(row(page, plate)).containsText("1990 ?");
    isInState(page, "live");
  }

  @Test
  void saysThatChangesMayBeLateWhileRedisIsAwayAndThenShowsTheTruth() {
    long tent = product("Tent", 4);
    Page page = page(cluster.node(0).baseUri(), "/live");
    shows(page, tent, 4);
    isInState(page, "live");

    cluster.redisProxy().cut();
    isInState(page, "degraded");
    setStock(tent, 3);
    cluster.redisProxy().heal();

    isInState(page, "live");
    shows(page, tent, 3);
  }

  @Test
  void saysThatTheNetworkIsSilentAndThenShowsTheTruth() {
    long lamp = product("Desk lamp", 9);
    URI node = cluster.node(0).baseUri();
    try (FaultProxy network = FaultProxy.inFrontOf(node.getPort())) {
      Page page = page(URI.create(network.uri(node.toString())), "/live");
      shows(page, lamp, 9);
      isInState(page, "live");

      network.blackHole();
      isInState(page, "offline");
      setStock(lamp, 8);
      network.heal();

      isInState(page, "live");
      shows(page, lamp, 8);
    }
  }

  @Test
  void comesBackToAProcessThatWasKilledAndShowsTheTruth() {
    long pen = product("Fountain pen", 20);
    int port = Ports.free();
    ToriiProcess first = third(port);
    Page page = page(first.baseUri(), "/live");
    shows(page, pen, 20);
    isInState(page, "live");
    page.evaluate("window.sameDocument = true");

    first.kill();
    first.close();
    isInState(page, "offline");
    assertThat(page.locator("#link-detail")).containsText("trying again in");
    setStock(pen, 0);
    try (ToriiProcess second = third(port)) {
      shows(page, pen, 0);
      assertThat(row(page, pen)).containsText("sold out");
      isInState(page, "live");
      assertThat(page.evaluate("window.sameDocument")).isEqualTo(true);
      assertThat(second.isAlive()).isTrue();
    }
  }

  @Test
  void followsOneTopic() {
    long bell = product("Bell", 6);
    Page page = page(cluster.node(0).baseUri(), "/live");
    row(page, bell).locator("button").click();
    assertThat(page.locator("#followed"))
        .hasText("Following stock:" + bell + ": 6 in stock", slow());

    setStock(bell, 2);
    assertThat(page.locator("#followed"))
        .hasText("Following stock:" + bell + ": 2 in stock", slow());
    page.locator("summary").click();
    assertThat(page.locator("#events li").first()).containsText("\"stock\":2");

    follow(page, "stock:999999999", "");
    assertThat(page.locator("#followed")).hasAttribute("data-state", "error", slowly());
    isInState(page, "live");
  }

  @Test
  void tellsAUserOfALimitThatIsNear() {
    TestAccount ann = TestAccount.register(cluster.api(1));
    Page page = page(cluster.node(0).baseUri(), "/live");
    follow(page, "limits", "");
    assertThat(page.locator("#followed")).hasAttribute("data-state", "error", slowly());

    follow(page, "limits", ann.accessToken());
    assertThat(page.locator("#followed")).hasText("Following limits", slow());
    page.locator("summary").click();
    for (int i = 0; i < 8; i++) { // of ten
      cluster
          .api(1)
          .as(ann.accessToken())
          .put(ann.profilePath(), new JsonObject().put("first_name", "Ann " + i));
    }
    assertThat(page.locator("#events li").first())
        .containsText("\"rule\":\"profiles-update\"", within());
  }

  /** Jobs come later; until then the server of this test is the test. */
  @Test
  void showsTheProgressOfAJobAsABar() {
    Page page = window.newPage();
    page.routeWebSocket(
        "**/ws",
        socket ->
            socket.onMessage(
                frame -> {
                  JsonObject said = new JsonObject(frame.text());
                  if ("subscribe".equals(said.getString("type"))) {
                    String topic = said.getString("topic");
                    socket.send(
                        new JsonObject()
                            .put("type", "subscribed")
                            .put("topic", topic)
                            .put("id", "1-0")
                            .encode());
                    if (topic.startsWith("job:")) {
                      socket.send(progress(topic, 40));
                    }
                  }
                }));
    page.navigate(cluster.node(0).baseUri().resolve("/live").toString());
    follow(page, "job:7c1d", "");

    assertThat(page.locator("#bar")).hasAttribute("value", "40", slowly());
    assertThat(page.locator("#progress-words")).hasText("40 % · pages · page 4 of 10 · running");
  }

  private static String progress(String topic, int percent) {
    return new JsonObject()
        .put("type", "event")
        .put("topic", topic)
        .put("id", "1-1")
        .put(
            "data",
            new JsonObject()
                .put("progress", percent)
                .put("stage", "pages")
                .put("message", "page 4 of 10")
                .put("status", "running"))
        .encode();
  }

  @Test
  void showsTheContract() {
    Page page = page(cluster.node(0).baseUri(), "/docs");
    assertThat(page.locator(".swagger-ui .info .title")).containsText("Torii", within());
    assertThat(console).isEmpty();
  }

  private ToriiProcess third(int port) {
    return ToriiProcess.builder()
        .redis(cluster.redisProxy().uri(cluster.redis().uri()))
        .postgres(database)
        .with(LivePageIT::settings)
        .env("TORII_HTTP_PORT", Integer.toString(port))
        .start();
  }

  private Page page(URI process, String path) {
    Page page = window.newPage();
    page.onConsoleMessage(message -> console.add(message.type() + ": " + message.text()));
    page.onPageError(error -> console.add("error: " + error));
    page.onRequestFailed(request -> console.add("failed: " + request.url()));
    page.navigate(process.resolve(path).toString());
    return page;
  }

  private static void follow(Page page, String topic, String token) {
    page.locator("#topic").fill(topic);
    page.locator("#token").fill(token);
    page.locator("#follow button[type=submit]").click();
  }

  private static Locator row(Page page, long product) {
    return page.locator("tr[data-product='" + product + "']");
  }

  private static void shows(Page page, long product, int stock) {
    assertThat(row(page, product)).hasAttribute("data-stock", Integer.toString(stock), slowly());
  }

  private static void isInState(Page page, String state) {
    assertThat(page.locator("#link")).hasAttribute("data-state", state, slowly());
  }

  private static HasAttributeOptions slowly() {
    return new HasAttributeOptions().setTimeout(PATIENCE_MILLIS);
  }

  private static ContainsTextOptions within() {
    return new ContainsTextOptions().setTimeout(PATIENCE_MILLIS);
  }

  private static HasTextOptions slow() {
    return new HasTextOptions().setTimeout(PATIENCE_MILLIS);
  }

  private static long product(String name, int stock) {
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

  private static void setStock(long product, int stock) {
    ApiClient.Answer changed =
        admin.post("/products/" + product + "/stock", new JsonObject().put("set", stock));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
  }
}
