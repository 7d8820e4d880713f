package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ProcessExit;
import dev.torii.testing.RawHttp;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** From the first line of output to the exit code. */
class ProcessLifecycleIT {
  private static final Duration LONGEST_STOP = Duration.ofSeconds(30);

  @Test
  void endsWithZeroWhenAskedToStop() {
    try (ToriiProcess torii = external().start()) {
      assertThat(torii.api().get("/health/ready").json().getString("status")).isEqualTo("ready");
      ProcessExit exit = torii.stop();
      assertThat(exit.code()).as(exit.logs()).isZero();
      assertThat(exit.took()).isLessThan(LONGEST_STOP);
      assertThat(exit.logs()).doesNotContain("\tat ");
    }
  }

  /** Services and cron jobs run in the locale C, in which Java 17 takes text for US-ASCII. */
  @Test
  void docsPageWorksInTheLocaleOfAService() throws Exception {
    try (ToriiProcess torii = external().env("LC_ALL", "C").start()) {
      HttpResponse<String> home = get(torii.baseUri().resolve("/"));
      assertThat(home.headers().firstValue("location")).hasValue("/docs");
      Matcher script =
          Pattern.compile("src=\"(/docs/assets/[^\"]+-bundle.js)\"")
              .matcher(get(torii.baseUri().resolve("/docs")).body());
      assertThat(script.find()).isTrue();
      HttpResponse<String> bundle = get(torii.baseUri().resolve(script.group(1)));
      assertThat(bundle.headers().firstValue("content-type").orElseThrow())
          .isEqualToIgnoringCase("text/javascript;charset=utf-8");
    }
  }

  @Test
  void requestUnderWayIsAnsweredAfterAStopWasAskedFor() throws IOException {
    try (ToriiProcess torii = external().start();
        Socket socket = connect(torii.baseUri())) {
      String body = "{\"email\":\"nobody@example.org\",\"password\":\"a long password\"}";
      write(
          socket,
          "POST /auth/login HTTP/1.1\r\nHost: torii\r\nContent-Type: application/json\r\n"
              + "Expect: 100-continue\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n");
      String invited = "HTTP/1.1 100 Continue\r\n\r\n";
      socket.setSoTimeout(5_000);
      assertThat(
              new String(
                  socket.getInputStream().readNBytes(invited.length()), StandardCharsets.US_ASCII))
          .isEqualTo(invited);
      torii.terminate();
      await("no new connections")
          .atMost(Duration.ofSeconds(5))
          .until(() -> refusesConnections(torii.baseUri()));
      write(socket, body);
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 401 ").contains("invalid-credentials");
      ProcessExit exit = torii.awaitExit(LONGEST_STOP);
      assertThat(exit.code()).as(exit.logs()).isZero();
    }
  }

  @Test
  void requestThatNeverEndsDoesNotHoldTheStop() throws IOException {
    try (ToriiProcess torii = external().env("TORII_HTTP_SHUTDOWN_GRACE_MS", "1000").start();
        Socket socket = connect(torii.baseUri())) {
      write(socket, "POST /auth/login HTTP/1.1\r\nHost: torii\r\nContent-Length: 10\r\n\r\n{");
      assertThat(torii.api().get("/health/live").status()).isEqualTo(200);
      ProcessExit exit = torii.stop();
      assertThat(exit.code()).as(exit.logs()).isZero();
      assertThat(exit.took()).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void stopsWhileRedisIsAway() {
    try (ToriiCluster cluster = ToriiCluster.start(1, settings -> settings)) {
      TestAccount.register(cluster.api(0));
      cluster.redisProxy().blackHole();
      ProcessExit exit = cluster.node(0).stop();
      assertThat(exit.code()).as(exit.logs()).isZero();
      assertThat(exit.took()).isLessThan(LONGEST_STOP);
    }
  }

  @Test
  void startsWithoutRedisAndFindsItLater() {
    try (var redis = TestServices.freshRedis()) {
      redis.stop();
      try (ToriiProcess torii =
          ToriiProcess.builder()
              .redis(redis.uri())
              .postgres(TestServices.freshDatabase())
              .start()) {
        assertThat(readiness(torii)).isEqualTo("degraded");
        TestAccount ann = TestAccount.register(torii.api());
        assertThat(torii.api().as(ann.accessToken()).get(ann.profilePath()).status())
            .isEqualTo(200);
        redis.startAgain();
        await().atMost(Duration.ofSeconds(10)).until(() -> readiness(torii).equals("ready"));
      }
    }
  }

  @Test
  void firstAdminOfTheConfigurationIsMadeOnce() {
    String database = TestServices.freshDatabase();
    for (int start = 0; start < 2; start++) {
      try (ToriiProcess torii =
          ToriiProcess.builder()
              .redis(TestServices.redisUri())
              .postgres(database)
              .env("TORII_ADMIN_EMAIL", "root@example.org")
              .env("TORII_ADMIN_PASSWORD", "a long admin password")
              .start()) {
        TestAccount admin =
            TestAccount.login(torii.api(), "root@example.org", "a long admin password");
        JsonObject page = torii.api().as(admin.accessToken()).get("/admin/users").json();
        assertThat(page.getJsonArray("users")).hasSize(1);
        assertThat(torii.logs()).doesNotContain("a long admin password");
      }
    }
  }

  @Test
  void slowHeadAndSlowBodyLoseTheirConnection() throws IOException {
    try (ToriiProcess torii =
        external()
            .env("TORII_HTTP_HEADER_TIMEOUT_MS", "500")
            .env("TORII_HTTP_BODY_TIMEOUT_MS", "500")
            .start()) {
      RawHttp raw = new RawHttp(torii.baseUri());
      assertThat(raw.send("GET /health/live HTTP/1.1\r\nHost:").closed()).isTrue();
      assertThat(
              raw.send(
                      "POST /auth/login HTTP/1.1\r\nHost: torii\r\n"
                          + "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
                  .closed())
          .isTrue();
    }
  }

  private static ToriiProcess.Builder external() {
    return ToriiProcess.builder()
        .redis(TestServices.redisUri())
        .postgres(TestServices.freshDatabase());
  }

  private static String readiness(ToriiProcess torii) {
    return torii.api().get("/health/ready").json().getString("status");
  }

  private static Socket connect(URI uri) throws IOException {
    return new Socket(uri.getHost(), uri.getPort());
  }

  private static boolean refusesConnections(URI uri) throws IOException {
    try (Socket socket = connect(uri)) {
      return !socket.isConnected();
    } catch (ConnectException e) {
      return true;
    }
  }

  private static HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
