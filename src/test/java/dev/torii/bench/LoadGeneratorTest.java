package dev.torii.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.bench.Scenario.Request;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.NetServer;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class LoadGeneratorTest {
  private static final Duration RUN = Duration.ofMillis(400);

  private final AtomicLong served = new AtomicLong();
  private HttpServer server;

  @BeforeEach
  void startServer(Vertx vertx, VertxTestContext test) {
    server = vertx.createHttpServer().requestHandler(this::answer);
    server.listen(0, "127.0.0.1").onComplete(test.succeedingThenComplete());
  }

  @Test
  void countsEveryAnswerOnceAndMeasuresEach() throws IOException {
    LoadResult result = run(2, Request.get("/sized", "token", 200, "\"cached\":true"));

    assertThat(result.errors()).isZero();
    assertThat(result.requests()).isEqualTo(served.get()).isGreaterThan(97);
    assertThat(result.latencyNanos().getTotalCount()).isEqualTo(result.requests());
    assertThat(result.latencyNanos().getMaxValue()).isLessThanOrEqualTo(result.elapsedNanos() * 2);
    assertThat(result.elapsedNanos()).isGreaterThanOrEqualTo(RUN.toNanos());
  }

  @Test
  void readsChunkedBodies() throws IOException {
    LoadResult result =
        run(2, Request.json("PUT", "/chunked", null, "{\"a\":1}", 200, "\"cached\":true"));

    assertThat(result.errors()).isZero();
    assertThat(result.requests()).isEqualTo(served.get()).isGreaterThan(97);
  }

  @Test
  void countsWrongStatuses() throws IOException {
    LoadResult result =
        run(
            1,
            Request.get("/limited", null, 429, ""),
            Request.get("/limited", null, 200, ""),
            Request.get("/limited", null, 429, ""));

    assertThat(result.wrongStatuses()).isBetween(result.requests() / 3, result.requests() / 3 + 1);
    assertThat(result.firstFault()).isEqualTo("status 429 instead of 200");
  }

  @Test
  void countsSampledBodiesWithoutTheMarker() throws IOException {
    LoadResult result = run(2, Request.get("/sized", null, 200, "\"cached\":false"));

    assertThat(result.wrongBodies()).isEqualTo(result.requests() / 97).isPositive();
  }

  @Test
  void countsConnectionsThatTheServerEndsAndGoesOn() throws IOException {
    LoadResult result = run(1, Request.get("/closing", null, 200, ""));

    assertThat(result.lostConnections()).isGreaterThan(1);
    assertThat(result.errors()).isEqualTo(result.lostConnections());
  }

  @Test
  void sendsTheRequestsInTurn() throws IOException {
    List<Request> cycle =
        LongStream.range(0, 10)
            .mapToObj(i -> Request.get("/" + (i == 9 ? "limited" : "sized"), null, 200, ""))
            .toList();

    LoadResult result = run(1, cycle.toArray(Request[]::new));

    assertThat(result.wrongStatuses()).isEqualTo(result.requests() / 10);
  }

  @Test
  void sendsARequestOnlyWhenItsCacheEntryIsGone(Vertx vertx) throws Exception {
    var removed = new AtomicLong();
    NetServer redis =
        vertx
            .createNetServer()
            .connectHandler(
                socket ->
                    socket.handler(
                        commands -> {
                          int count = commands.toString().split("UNLINK", -1).length - 1;
                          removed.addAndGet(count);
                          socket.write(":1\r\n".repeat(count));
                        }))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(5, TimeUnit.SECONDS);
    Request kept = Request.get("/sized", null, 200, "");
    var scenario =
        new Scenario("misses", 4, List.of(kept, kept, kept.afterDropping("key", "profile")));

    LoadResult result;
    try (var generator =
        LoadGenerator.connect(address(), scenario, "redis://127.0.0.1:" + redis.actualPort())) {
      result = generator.run(RUN);
    }

    assertThat(result.errors()).isZero();
    assertThat(result.drops()).isEqualTo(removed.get()).isPositive();
    assertThat(result.drops()).isBetween(result.requests() / 3 - 4, result.requests() / 3 + 4);
  }

  private InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.actualPort());
  }

  private LoadResult run(int connections, Request... cycle) throws IOException {
    var scenario = new Scenario("test", connections, List.of(cycle));
    try (var generator = LoadGenerator.connect(address(), scenario, null)) {
      return generator.run(RUN);
    }
  }

  private void answer(HttpServerRequest request) {
    served.incrementAndGet();
    HttpServerResponse response = request.response();
    switch (request.path()) {
      case "/chunked" -> {
        response.setChunked(true);
        response.write("{\"profile\":{},");
        response.end("\"cached\":true}");
      }
      case "/closing" -> request.connection().close();
      case "/limited" -> response.setStatusCode(429).end();
      default -> response.end("{\"profile\":{},\"cached\":true}");
    }
  }
}
