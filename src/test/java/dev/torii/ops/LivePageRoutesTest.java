package dev.torii.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the page is made of; what it does is told by the tests in a browser. */
class LivePageRoutesTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final LivePageRoutes LIVE = new LivePageRoutes();
  private static Vertx vertx;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    Router router = Router.router(vertx);
    LIVE.mountAssets(router);
    port =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS)
            .actualPort();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void allowsWhatComesFromHereAndNothingElse() {
    var reply = LIVE.live(null).result();

    assertThat(reply.contentType()).isEqualTo("text/html; charset=utf-8");
    assertThat(reply.headers().get("Content-Security-Policy"))
        .startsWith("default-src 'none';")
        .contains("script-src 'self';", "connect-src 'self';", "frame-ancestors 'none'")
        .doesNotContain("unsafe", "http", "data:", "*");
  }

  @Test
  void loadsOnlyFilesThatThisProcessServes() throws Exception {
    String page = LIVE.live(null).result().body().toString();

    assertThat(page).doesNotContain("http:", "https:", "<script>", "<style", "style=", "onclick");
    Matcher links = Pattern.compile("(?:src|href)=\"(/live/[^\"]+)\"").matcher(page);
    int found = 0;
    while (links.find()) {
      HttpResponse<String> file = get(links.group(1));
      assertThat(file.statusCode()).as(links.group(1)).isEqualTo(200);
      assertThat(file.body()).isNotEmpty();
      assertThat(file.headers().firstValue("x-content-type-options")).contains("nosniff");
      found++;
    }
    assertThat(found).isEqualTo(6);
  }

  @Test
  void filesHaveTheTypesThatBrowsersAskFor() throws Exception {
    assertThat(type("/live/live.js")).isEqualTo("text/javascript; charset=utf-8");
    assertThat(type("/live/live.css")).isEqualTo("text/css; charset=utf-8");
    assertThat(type("/live/icon.svg")).isEqualTo("image/svg+xml; charset=utf-8");
  }

  private static String type(String path) throws Exception {
    return get(path).headers().firstValue("content-type").orElseThrow();
  }

  private static HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return CLIENT.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
