package dev.torii.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.HasCountOptions;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What people see on the page of what is live, and on that of the contract. */
class LivePageIT extends LivePageBed {
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

  @Test
  void showsTheProgressOfAJobAsABarAndHowItEnds() {
    TestAccount ann = TestAccount.register(cluster.api(1));
    var steps = new JsonObject().put("updates", 5).put("millis", 1_500);
    UUID job = new LedgerRows(database).queued("test:progress", steps, ann.userId());
    Page page = page(cluster.node(0).baseUri(), "/live");
    follow(page, "job:" + job, ann.accessToken());

    assertThat(page.locator("#bar")).hasAttribute("value", "40", slowly());
    assertThat(page.locator("#progress-words"))
        .hasText("40 % · step-2 · step 2 of 5 · running", slow());
    assertThat(page.locator("#progress")).hasAttribute("data-status", "succeeded", slowly());
    assertThat(page.locator("#bar")).hasAttribute("value", "100", slowly());
    assertThat(page.locator("#progress-result")).containsText("\"updates\": 5", within());
  }

  @Test
  void showsWhyAJobFailed() {
    TestAccount ann = TestAccount.register(cluster.api(1));
    var fatal = new JsonObject().put("fatal", true);
    UUID job = new LedgerRows(database).queued("test:fail", fatal, ann.userId());
    Page page = page(cluster.node(1).baseUri(), "/live");
    follow(page, "job:" + job, ann.accessToken());

    assertThat(page.locator("#progress-error"))
        .hasText("FatalJobException: fatal in attempt 1", slow());
  }

  @Test
  void showsTheContract() {
    Page page = page(cluster.node(0).baseUri(), "/docs");
    assertThat(page.locator(".swagger-ui .info .title")).containsText("Torii", within());
    assertThat(console).isEmpty();
  }
}
