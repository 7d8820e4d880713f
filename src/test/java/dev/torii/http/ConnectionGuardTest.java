package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionGuardTest {
  private static final int CAP = 3;
  private static final Duration HEADER = Duration.ofMillis(400);
  private static final Duration BODY = Duration.ofMillis(400);

  /** Bytes a second. */
  private static final int PACE = 1_000;

  private static final Duration KEEP_ALIVE = Duration.ofMillis(1_200);
  private static final String GET = "GET / HTTP/1.1\r\nHost: torii\r\n\r\n";
  private static final String POST =
      "POST / HTTP/1.1\r\nHost: torii\r\nContent-Length: 1000\r\n\r\n";

  private final AtomicInteger open = new AtomicInteger();
  private Vertx vertx;
  private GuardedServer server;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    server = new GuardedServer(open);
    vertx.deployVerticle(server).await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void closesAConnectionThatSendsNothing() throws Exception {
    long opened = System.nanoTime();
    try (Client client = connect()) {
      client.awaitClosed();
      assertThat(Duration.ofNanos(System.nanoTime() - opened)).isGreaterThanOrEqualTo(HEADER);
    }
    await().untilAtomic(open, equalTo(0));
  }

  @Test
  void aByteNowAndThenDoesNotKeepAnUnfinishedHead() throws Exception {
    try (Client client = connect()) {
      client.send("GET / HTTP/1.1\r\nX-Slow: ");
      client.dripUntilClosed("a");
    }
  }

  @Test
  void aByteNowAndThenDoesNotKeepAnUnfinishedBody() throws Exception {
    try (Client client = connect()) {
      client.send(POST);
      client.dripUntilClosed("a");
    }
  }

  @Test
  void tellsALateBodyWhyBeforeItCloses() throws Exception {
    try (Client client = connect()) {
      client.send(POST + "a");
      String answer = client.readAll();
      assertThat(answer)
          .startsWith("HTTP/1.1 408 ")
          .contains("application/problem+json", "urn:torii:problem:request-timeout");
    }
    await().untilAtomic(open, equalTo(0));
  }

  @Test
  void anAnswerDoesNotExcuseAnUnfinishedBody() throws Exception {
    try (Client client = connect()) {
      client.send(POST.replace("POST /", "POST /early"));
      client.awaitAnswer();
      client.dripUntilClosed("a");
    }
  }

  @Test
  void waitsLongerForTheNextRequestOfAUsedConnection() throws Exception {
    try (Client client = connect()) {
      client.send(GET);
      client.awaitAnswer();
      long answered = System.nanoTime();
      client.awaitClosed();
      assertThat(Duration.ofNanos(System.nanoTime() - answered))
          .isGreaterThanOrEqualTo(KEEP_ALIVE)
          .isGreaterThan(HEADER);
    }
  }

  @Test
  void aUsedConnectionServesAgain() throws Exception {
    try (Client client = connect()) {
      for (int i = 0; i < 3; i++) {
        client.send(GET);
        client.awaitAnswer();
      }
      client.send(POST + "x".repeat(1000));
      client.awaitAnswer();
    }
  }

  @Test
  void aSlowAnswerHasNoDeadlineHere() throws Exception {
    try (Client client = connect()) {
      client.send(GET.replace("GET /", "GET /slow"));
      client.awaitAnswer();
    }
  }

  @Test
  void closesConnectionsAboveTheCapAtOnceAndAdmitsAgain() throws Exception {
    try (Client first = connect();
        Client second = connect();
        Client third = connect()) {
      for (Client client : new Client[] {first, second, third}) {
        client.send(GET);
        client.awaitAnswer();
      }
      try (Client tooMany = connect()) {
        tooMany.awaitClosed();
      }
      assertThat(open).hasValue(CAP);
      first.send(GET);
      first.awaitAnswer();
    }
    await().untilAtomic(open, equalTo(0));
    try (Client again = connect()) {
      again.send(GET);
      again.awaitAnswer();
    }
  }

  private Client connect() throws IOException {
    return new Client(new Socket(InetAddress.getLoopbackAddress(), server.port()));
  }

  /** Answers at once, early (before the body), or slowly (after the deadlines). */
  private static final class GuardedServer extends VerticleBase {
    private final AtomicInteger open;
    private HttpServer http;

    GuardedServer(AtomicInteger open) {
      this.open = open;
    }

    @Override
    public Future<?> start() {
      var limits = new ConnectionGuard.Limits(HEADER, BODY, PACE, KEEP_ALIVE, CAP);
      var guard = new ConnectionGuard(vertx, limits, open);
      http =
          vertx
              .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
              .connectionHandler(guard::opened)
              .requestHandler(
                  request -> {
                    guard.requestStarted(request);
                    switch (request.path()) {
                      case "/early" -> request.response().end();
                      case "/slow" ->
                          vertx.setTimer(
                              HEADER.plus(BODY).toMillis() * 2, t -> request.response().end());
                      default -> request.body().onSuccess(body -> request.response().end());
                    }
                  });
      return http.listen(0, "127.0.0.1");
    }

    int port() {
      return http.actualPort();
    }
  }

  /** A raw client; reading gives up after ten seconds. */
  private record Client(Socket socket) implements AutoCloseable {
    Client {
      try {
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
      } catch (SocketException e) {
        throw new IllegalStateException(e);
      }
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    void awaitAnswer() throws IOException {
      var answer = new StringBuilder();
      InputStream in = socket.getInputStream();
      while (answer.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        assertThat(next).as("the connection was closed instead of answered").isNotEqualTo(-1);
        answer.append((char) next);
      }
      assertThat(answer).startsWith("HTTP/1.1 200 ");
    }

    String readAll() throws IOException {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    void awaitClosed() throws IOException {
      try {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      } catch (SocketException e) {
        assertThat(e).hasMessageContaining("reset");
      }
    }

    /** Sends a byte each 50 ms until that fails, which must be soon. */
    void dripUntilClosed(String drop) {
      await()
          .atMost(Duration.ofSeconds(5))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                try {
                  send(drop);
                  return false;
                } catch (SocketException e) {
                  return true;
                }
              });
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
