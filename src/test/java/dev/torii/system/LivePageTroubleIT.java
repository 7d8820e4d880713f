package dev.torii.system;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route.FulfillOptions;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.Ports;
import dev.torii.testing.ToriiProcess;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page of what is live when something is away, and what it says of it. */
class LivePageTroubleIT extends LivePageBed {
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
}
