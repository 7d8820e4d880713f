package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.ConfigBinder;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.failure.RateLimit;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemHandlerTest {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final AtomicLong underWay = new AtomicLong();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private Vertx vertx;
  private HttpServer server;
  private ProblemHandler problems;
  private Throwable failure;
  private LimitHeaders limits;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    var config = ConfigBinder.of(Map.of()).http();
    problems = new ProblemHandler(new ReplyWriter(config, registry, underWay));
    Router router = Router.router(vertx);
    router.route().handler(new ExchangeHandler(new ClientAddress(List.of()), underWay));
    router.route("/own").handler(this::answerWithTheFailure);
    router.route("/thrown").handler(ctx -> ctx.fail(failure));
    router.route("/read").handler(ctx -> ctx.end(ctx.queryParams().toString()));
    router.route("/read/:id").handler(ctx -> ctx.end(ctx.pathParam("id")));
    router.route("/body").handler(BodyHandler.create(false));
    router.route("/own-read").handler(this::answerWithTheQueryFailure);
    router
        .route("/twice")
        .handler(
            ctx -> {
              problems.write(Exchange.of(ctx), failure);
              ctx.fail(failure);
            });
    router.route("/status/:status").handler(ctx -> ctx.fail(status(ctx)));
    router.route().failureHandler(problems);
    router.errorHandler(400, problems);
    server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource
  void everyCodeIsAProblemWithItsStatusAndSlug(ErrorCode code) throws Exception {
    failure = Failure.of(code, "words for anyone");
    HttpResponse<String> answer = get("/own");
    assertThat(answer.statusCode()).isEqualTo(code.status());
    assertThat(header(answer, "content-type")).isEqualTo("application/problem+json");
    assertThat(header(answer, "cache-control")).isEqualTo("no-store");
    JsonObject problem = new JsonObject(answer.body());
    assertThat(problem.getString("type")).isEqualTo("urn:torii:problem:" + code.slug());
    assertThat(problem.getString("title")).isEqualTo(code.title());
    assertThat(problem.getInteger("status")).isEqualTo(code.status());
    assertThat(problem.getString("instance")).isEqualTo(header(answer, "x-request-id"));
    assertThat(problem.containsKey("detail")).isEqualTo(code != ErrorCode.INTERNAL);
    assertThat(answer.headers().firstValue("www-authenticate").isPresent())
        .isEqualTo(code.status() == 401);
    assertThat(answer.headers().firstValue("retry-after").isPresent())
        .isEqualTo(code.status() == 503);
  }

  @Test
  void causeIsNeverShown() throws Exception {
    failure = Failure.of(ErrorCode.UNAVAILABLE, null, new IllegalStateException("db7.internal"));
    assertThat(get("/own").body()).doesNotContain("db7.internal");
    failure = new IllegalStateException("SELECT secret");
    for (String path : List.of("/own", "/thrown")) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).doesNotContain("SELECT", "Exception");
    }
  }

  @Test
  void mistakeInAHandlerIsOursAlsoBeforeTheRequestHasEnded() throws Exception {
    failure = new NullPointerException();
    assertThat(get("/thrown").statusCode()).isEqualTo(500);
    failure = new IllegalArgumentException("no");
    assertThat(get("/thrown").statusCode()).isEqualTo(500);
  }

  @Test
  void bodyThatCannotBeDecodedIsTheClients() throws Exception {
    failure = new DecoderException("form");
    assertThat(get("/thrown").statusCode()).isEqualTo(400);
  }

  @Test
  void whatVertxWebThrowsForAClientsMistakeKeepsItsStatus() throws Exception {
    for (int status : new int[] {400, 404, 413}) {
      failure = new HttpException(status);
      assertThat(get("/own").statusCode()).isEqualTo(status);
      assertThat(get("/thrown").statusCode()).isEqualTo(status);
    }
    failure = new HttpException(502);
    assertThat(get("/own").statusCode()).isEqualTo(500);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/read?a=%zz", "/read/1?a=%zz", "/own-read?a=%zz", "/%zz", "/%"})
  void brokenEscapeIsMalformed(String target) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort())) {
      String request = "GET " + target + " HTTP/1.1\r\nHost: torii\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 400 ").contains("urn:torii:problem:malformed");
    }
  }

  /** The connection is closed without an answer, so what was counted tells. */
  @ParameterizedTest
  @ValueSource(strings = {"+2", "z", "100000000", "0\r\nno colon"})
  void brokenChunkIsTheClients(String chunk) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort())) {
      String head = "POST /body HTTP/1.1\r\nHost: torii\r\nTransfer-Encoding: chunked\r\n\r\n";
      String request = head + chunk + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    }
    assertThat(registry.get("torii.http.requests").timers())
        .map(timer -> timer.getId().getTag("status"))
        .containsExactly("400");
  }

  @Test
  void failureThatTheRouterPassesOnKeepsItsCode() throws Exception {
    failure = Failure.of(ErrorCode.CONFLICT, "no");
    assertThat(get("/thrown").statusCode()).isEqualTo(409);
  }

  @Test
  void whatTheRouterRefusesIsAProblemToo() throws Exception {
    for (int status : new int[] {400, 404, 405, 406, 413, 415}) {
      HttpResponse<String> answer = get("/status/" + status);
      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(new JsonObject(answer.body()).getInteger("status")).isEqualTo(status);
    }
    assertThat(get("/status/418").statusCode()).isEqualTo(400);
    assertThat(get("/status/599").statusCode()).isEqualTo(500);
  }

  @Test
  void waitIsRoundedUpToWholeSecondsAndNeverNone() throws Exception {
    for (int millis : new int[] {0, 1, 1_000, 1_001}) {
      failure = Failure.retryAfter(ErrorCode.RATE_LIMITED, null, Duration.ofMillis(millis));
      assertThat(header(get("/own"), "retry-after")).isEqualTo(millis <= 1_000 ? "1" : "2");
    }
  }

  @Test
  void refusalByALimitNamesItsPolicyAndCarriesTheLimitHeaders() throws Exception {
    limits = new LimitHeaders("profiles-read", 100, 0, 17, "\"profiles-read\";q=100;w=3600");
    failure = Failure.retryAfter(ErrorCode.RATE_LIMITED, "later", Duration.ofSeconds(17));
    HttpResponse<String> answer = get("/own");
    assertThat(new JsonObject(answer.body()).getString("policy")).isEqualTo("profiles-read");
    assertThat(header(answer, "x-ratelimit-limit")).isEqualTo("100");
    assertThat(header(answer, "x-ratelimit-remaining")).isEqualTo("0");
    assertThat(header(answer, "x-ratelimit-reset")).isEqualTo("17");
    assertThat(header(answer, "ratelimit")).isEqualTo("\"profiles-read\";r=0;t=17");
    assertThat(header(answer, "ratelimit-policy")).isEqualTo("\"profiles-read\";q=100;w=3600");
  }

  @Test
  void refusalThatBringsItsLimitIsToldLikeOneOfTheGate() throws Exception {
    failure =
        Failure.rateLimited(
            "later",
            Duration.ofSeconds(17),
            new RateLimit("login-failures", 10, 0, 17, "\"login-failures\";q=10;w=900"));
    HttpResponse<String> answer = get("/own");
    assertThat(new JsonObject(answer.body()).getString("policy")).isEqualTo("login-failures");
    assertThat(header(answer, "retry-after")).isEqualTo("17");
    assertThat(header(answer, "x-ratelimit-limit")).isEqualTo("10");
    assertThat(header(answer, "ratelimit-policy")).isEqualTo("\"login-failures\";q=10;w=900");
  }

  @Test
  void allFaultsAreListed() throws Exception {
    failure =
        Failure.invalid(List.of(new FieldError("/a", "is missing"), new FieldError("?b", "no")));
    assertThat(new JsonObject(get("/own").body()).getJsonArray("errors"))
        .isEqualTo(
            new JsonArray()
                .add(new JsonObject().put("pointer", "/a").put("detail", "is missing"))
                .add(new JsonObject().put("pointer", "?b").put("detail", "no")));
  }

  @Test
  void everyRequestIsCountedOut() throws Exception {
    failure = Failure.of(ErrorCode.NOT_FOUND, null);
    get("/own");
    get("/thrown");
    get("/status/404");
    get("/twice");
    assertThat(underWay).hasValue(0);
  }

  private void answerWithTheFailure(RoutingContext ctx) {
    Exchange.of(ctx).limits(limits);
    problems.write(Exchange.of(ctx), failure);
  }

  private void answerWithTheQueryFailure(RoutingContext ctx) {
    try {
      ctx.end(ctx.queryParams().toString());
    } catch (RuntimeException e) {
      problems.write(Exchange.of(ctx), e);
    }
  }

  private static int status(RoutingContext ctx) {
    return Integer.parseInt(ctx.pathParam("status"));
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.actualPort() + path);
    return HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse(null);
  }
}
