package dev.torii.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.http.Contract;
import dev.torii.http.ContractChecker;
import dev.torii.http.Exchange;
import dev.torii.http.Exchanges;
import dev.torii.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocsRoutesTest {
  private static final Contract CONTRACT = Contract.load();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Vertx vertx;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    var docs = new DocsRoutes(CONTRACT);
    Router router = Router.router(vertx);
    router.get("/openapi.yaml").handler(ctx -> answer(ctx, docs::openapi));
    router.get("/openapi.json").handler(ctx -> answer(ctx, docs::openapiAsJson));
    router.get("/docs").handler(ctx -> answer(ctx, docs::docs));
    docs.mountAssets(router);
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
  void servesTheContractAsItIs() throws Exception {
    HttpResponse<String> answer = get("/openapi.yaml");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "content-type")).isEqualTo("application/yaml");
    assertThat(answer.body()).isEqualTo(CONTRACT.source().toString(StandardCharsets.UTF_8));
  }

  @Test
  void servesTheContractAsJsonToo() throws Exception {
    HttpResponse<String> answer = get("/openapi.json");

    assertThat(header(answer, "content-type")).isEqualTo("application/json");
    var json = new JsonObject(answer.body());
    assertThat(json.fieldNames()).startsWith("openapi", "info").contains("paths", "components");
    assertThat(json.getJsonObject("paths").size()).isGreaterThan(50);
    String tag = header(answer, "etag");
    assertThat(tag).isNotEqualTo(header(get("/openapi.yaml"), "etag"));
    assertThat(get("/openapi.json", "If-None-Match", tag).statusCode()).isEqualTo(304);
    assertThat(get("/openapi.json").body()).isEqualTo(answer.body());
  }

  @Test
  void answers304ForTheTagThatItGave() throws Exception {
    String tag = header(get("/openapi.yaml"), "etag");

    for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
      HttpResponse<String> answer = get("/openapi.yaml", "If-None-Match", known);
      assertThat(answer.statusCode()).as(known).isEqualTo(304);
      assertThat(answer.body()).isEmpty();
      assertThat(header(answer, "etag")).isEqualTo(tag);
    }
    assertThat(get("/openapi.yaml", "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
  }

  @Test
  void thePageLoadsOnlyFilesThatThisProcessServes() throws Exception {
    HttpResponse<String> page = get("/docs");

    assertThat(header(page, "content-type")).startsWith("text/html");
    assertThat(header(page, "content-security-policy")).contains("default-src 'none'");
    assertThat(page.body()).doesNotContain("http:", "https:", "{assets}", "<script>", "style=");
    Matcher links = Pattern.compile("(?:src|href)=\"([^\"]+)\"").matcher(page.body());
    int found = 0;
    while (links.find()) {
      HttpResponse<String> file = get(links.group(1));
      assertThat(file.statusCode()).as(links.group(1)).isEqualTo(200);
      assertThat(file.body()).isNotEmpty();
      found++;
    }
    assertThat(found).isEqualTo(5);
  }

  @Test
  void filesOfTheWebJarMayBeKeptBecauseTheirPathNamesTheirVersion() throws Exception {
    HttpResponse<String> file = get(asset("swagger-ui.css"));

    assertThat(header(file, "cache-control")).contains("max-age=31536000");
    assertThat(header(file, "content-type")).startsWith("text/css");
    assertThat(header(file, "x-content-type-options")).isEqualTo("nosniff");
  }

  @ParameterizedTest
  @CsvSource({"index.html", "swagger-initializer.js", "swagger-ui.js", "nothing.js", "''"})
  void servesNothingElseOfTheWebJar(String file) throws Exception {
    assertThat(get(asset(file)).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "/docs/assets/../../openapi.yaml/x",
    "/docs/assets/%2e%2e/%2e%2e/%2e%2e/swagger-ui.css",
    "/docs/assets/..%2f..%2fswagger-ui.css"
  })
  void doesNotLeaveItsDirectory(String path) throws Exception {
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void theAnswersAreThoseOfTheContractButForTheRequestId() throws Exception {
    var checker = new ContractChecker(CONTRACT);
    for (String path : List.of("/openapi.yaml", "/openapi.json", "/docs")) {
      HttpResponse<String> answer = get(path);
      var headers = io.vertx.core.MultiMap.caseInsensitiveMultiMap();
      answer.headers().map().forEach((name, values) -> headers.add(name, values));
      assertThat(
              checker.checkResponse(
                  HttpMethod.GET,
                  path,
                  answer.statusCode(),
                  headers,
                  io.vertx.core.buffer.Buffer.buffer(answer.body())))
          .containsExactly("GET " + path + " -> 200: the header X-Request-Id is missing");
    }
  }

  private static String asset(String file) {
    return "/docs/assets/" + SwaggerUi.find().version() + "/" + file;
  }

  private static void answer(RoutingContext ctx, Function<Exchange, Future<Reply>> handler) {
    handler
        .apply(Exchanges.of(ctx))
        .onSuccess(
            reply -> {
              HttpServerResponse response = ctx.response().setStatusCode(reply.status());
              response.headers().addAll(reply.headers());
              if (reply.body() == null) {
                response.end();
              } else {
                response.putHeader("Content-Type", reply.contentType()).end(reply.body());
              }
            })
        .onFailure(ctx::fail);
  }

  private static HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }
}
