package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.LiveClient;
import dev.torii.testing.RawHttp;
import dev.torii.testing.RawSocket;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What live connections may not, and how they are told; limits and deadlines are small here. */
class LiveLimitsIT {
  private static final int LARGEST = 512;
  private static final int MESSAGES_A_SECOND = 40;
  private static final int CONNECTIONS = 8;
  private static final byte[] PING = "{\"type\":\"ping\"}".getBytes(StandardCharsets.US_ASCII);

  private static ToriiProcess torii;
  private static URI base;

  @BeforeAll
  static void start() {
    torii =
        ToriiProcess.builder()
            .redis(TestServices.freshRedis().uri())
            .postgres(TestServices.freshDatabase())
            .env("TORII_LIVE_MAX_MESSAGE_BYTES", "" + LARGEST)
            .env("TORII_LIVE_MESSAGES_PER_SECOND", "" + MESSAGES_A_SECOND)
            .env("TORII_LIVE_CONNECTIONS_PER_ADDRESS", "" + CONNECTIONS)
            .env("TORII_LIVE_SUBSCRIPTIONS_PER_CONNECTION", "1")
            .env("TORII_LIVE_AUTH_TIMEOUT_MS", "1500")
            .env("TORII_LIVE_PING_SECONDS", "1")
            .env("TORII_LIVE_PONG_TIMEOUT_MS", "1000")
            .env("TORII_LIVE_ALLOWED_ORIGINS", "https://shop.example.com")
            .env("TORII_HTTP_HEADER_TIMEOUT_MS", "1000")
            .env("TORII_HTTP_BODY_TIMEOUT_MS", "3000")
            .env("TORII_HTTP_KEEP_ALIVE_TIMEOUT_MS", "1000")
            .start();
    base = torii.baseUri();
  }

  @AfterAll
  static void stop() {
    torii.close();
  }

  @Test
  void whoSaysNothingIsSentAway() {
    try (LiveClient silent = LiveClient.connect(base)) {
      assertThat(silent.next("error").getString("code")).isEqualTo("unauthenticated");
      assertThat(silent.closeCode()).isEqualTo(4401);
    }
  }

  @Test
  void whoFollowsAPublicTopicStaysLongerThanAnyDeadlineOfHttp() throws Exception {
    try (LiveClient client = LiveClient.connect(base)) {
      client.subscribe("stock");
      TimeUnit.SECONDS.sleep(5); // all deadlines of the process have passed by then
      client.send(new JsonObject().put("type", "ping"));
      client.next("pong");
      assertThat(client.isOpen()).isTrue();
    }
  }

  @Test
  void whoAnswersNoPingIsSentAway() throws IOException {
    try (RawSocket dead = RawSocket.connect(base)) {
      dead.send(
          RawSocket.TEXT,
          "{\"type\":\"subscribe\",\"topic\":\"stock\"}".getBytes(StandardCharsets.US_ASCII));
      assertThat(dead.closeCode()).isEqualTo(4408);
    }
  }

  @Test
  void whatIsNoMessageIsAnErrorAndRepeatedTheEnd() {
    try (LiveClient client = LiveClient.connect(base)) {
      assertThat(client.send("hello").next("error").getString("code")).isEqualTo("malformed");
      client.send("{\"type\":\"ping\",\"type\":\"ping\"}");
      assertThat(client.next("error").getString("code")).isEqualTo("malformed");
      client.send("{\"type\":\"shout\"}");
      assertThat(client.next("error").getString("code")).isEqualTo("invalid");
      client.send(new JsonObject().put("type", "ping"));
      client.next("pong");
      for (int fault = 0; fault < 10; fault++) {
        client.send("hello");
      }
      assertThat(client.closeCode()).isEqualTo(4429);
    }
  }

  @Test
  void aTopicNobodyKnowsIsAnErrorWithItsName() {
    try (LiveClient client = LiveClient.connect(base)) {
      client.send(new JsonObject().put("type", "subscribe").put("topic", "weather"));
      JsonObject error = client.next("error");
      assertThat(error.getString("code")).isEqualTo("not-found");
      assertThat(error.getString("topic")).isEqualTo("weather");
      client.send(new JsonObject().put("type", "unsubscribe").put("topic", "stock"));
      assertThat(client.next("error").getString("code")).isEqualTo("not-found");
    }
  }

  @Test
  void moreTopicsThanAConnectionMayFollowAreRefused() {
    try (LiveClient client = LiveClient.connect(base)) {
      client.subscribe("stock");
      client.send(new JsonObject().put("type", "subscribe").put("topic", "stock:1"));
      assertThat(client.next("error").getString("code")).isEqualTo("rate-limited");
      client.send(new JsonObject().put("type", "unsubscribe").put("topic", "stock"));
      client.next("unsubscribed");
      client.subscribe("stock");
    }
  }

  @Test
  void aMessageOfTheLargestSizeIsReadAndNoLargerOne() throws IOException {
    String ping = new String(PING, StandardCharsets.US_ASCII);
    try (LiveClient client = LiveClient.connect(base)) {
      client.send(ping + " ".repeat(LARGEST - ping.length())).next("pong");
    }
    try (RawSocket client = RawSocket.connect(base)) {
      client.send(RawSocket.TEXT, new byte[LARGEST + 1]);
      assertThat(client.closeCode()).isEqualTo(4413);
    }
  }

  @Test
  void aFrameThatIsAnnouncedTooLargeIsNotAwaited() throws IOException {
    try (RawSocket client = RawSocket.connect(base)) {
      client.announce(RawSocket.TEXT, 1L << 30);
      assertThat(client.closeCode()).isEqualTo(4413);
      client.awaitEnd();
    }
  }

  @Test
  void fragmentsAreOneMessageAndTooLargeTogether() throws IOException {
    try (LiveClient client = LiveClient.connect(base)) {
      client.socket().writeFrame(io.vertx.core.http.WebSocketFrame.textFrame("{\"type\":", false));
      client
          .socket()
          .writeFrame(
              io.vertx.core.http.WebSocketFrame.continuationFrame(
                  Buffer.buffer("\"ping\"}"), true));
      client.next("pong");
    }
    try (RawSocket client = RawSocket.connect(base)) {
      client.fragment(RawSocket.TEXT, new byte[LARGEST]);
      client.fragment(RawSocket.CONTINUATION, new byte[1]);
      assertThat(client.closeCode()).isEqualTo(4413);
    }
  }

  @Test
  void onlyTextIsRead() throws IOException {
    try (RawSocket client = RawSocket.connect(base)) {
      client.send(RawSocket.BINARY, PING);
      assertThat(client.closeCode()).isEqualTo(1003);
    }
  }

  @Test
  void whatIsNoFrameEndsTheConnection() throws IOException {
    try (RawSocket client = RawSocket.connect(base)) {
      client.write("GET / HTTP/1.1\r\n\r\n");
      assertThat(client.closeCode()).isEqualTo(1002);
      client.awaitEnd();
    }
  }

  @Test
  void tooManyMessagesInASecondEndTheConnection() throws IOException {
    try (RawSocket client = RawSocket.connect(base)) {
      for (int i = 0; i < 4 * MESSAGES_A_SECOND; i++) {
        client.send(i % 2 == 0 ? RawSocket.TEXT : RawSocket.PING, PING);
      }
      assertThat(client.closeCode()).isEqualTo(4429);
    }
  }

  @Test
  void anAddressMayHaveSoManyConnectionsAndGetsTheirPlacesBack() {
    List<LiveClient> clients = new ArrayList<>();
    try {
      Awaitility.await().until(() -> open() == 0);
      for (int i = 0; i < CONNECTIONS; i++) {
        clients.add(LiveClient.connect(base));
      }
      assertThat(LiveClient.refusal(base, Map.of())).isEqualTo(429);
      clients.remove(0).close();
      Awaitility.await().until(() -> open() < CONNECTIONS);
      clients.add(LiveClient.connect(base));
    } finally {
      clients.forEach(LiveClient::close);
    }
    Awaitility.await().until(() -> open() == 0);
  }

  @Test
  void pagesOfOthersMayNotConnect() {
    assertThat(LiveClient.refusal(base, Map.of("Origin", "https://evil.example.com")))
        .isEqualTo(403);
    LiveClient.connect(base, Map.of("Origin", "https://shop.example.com")).close();
    LiveClient.connect(base, Map.of("Origin", "http://" + base.getAuthority())).close();
    var foreign = torii.api().request("GET", "/events?topic=stock");
    Answer refused = torii.api().send(foreign.header("Origin", "https://evil.example.com"));
    assertThat(refused.status()).isEqualTo(403);
  }

  @Test
  void pagesThatMayConnectMaySendATokenToo() {
    Answer foreign = preflight("https://shop.example.com");
    assertThat(foreign.status()).isEqualTo(204);
    assertThat(foreign.header("access-control-allow-origin")).hasValue("https://shop.example.com");
    assertThat(foreign.header("access-control-allow-methods").orElse("")).contains("GET");
    assertThat(foreign.header("access-control-allow-headers").orElse(""))
        .contains("authorization", "last-event-id");
    assertThat(foreign.header("vary")).hasValue("origin");
    Answer own = preflight("http://" + base.getAuthority());
    assertThat(own.status()).isEqualTo(204);
    assertThat(own.header("access-control-allow-origin")).isEmpty();
    assertThat(preflight("https://evil.example.com").status()).isEqualTo(403);
  }

  private Answer preflight(String origin) {
    return torii
        .api()
        .send(
            torii
                .api()
                .request("OPTIONS", "/events?topic=stock")
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "GET")
                .header("Access-Control-Request-Headers", "authorization"));
  }

  @Test
  void whatIsSentBehindAHandshakeIsNotServed() throws IOException {
    String email = "smuggled-" + UUID.randomUUID() + "@example.org";
    String password = "violet-tractor-ann-41";
    String body = new JsonObject().put("email", email).put("password", password).encode();
    String request =
        "POST /auth/register HTTP/1.1\r\nHost: torii\r\nContent-Type: application/json\r\n"
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    var raw = new RawHttp(base);
    assertThat(raw.send(RawSocket.HANDSHAKE + request).closed()).isTrue();
    assertThat(raw.send(request).statuses()).containsExactly(201); // nobody had this address yet
  }

  @Test
  void aFrameBeforeTheAnswerEndsTheConnectionWithoutAWordInTheLog() throws IOException {
    var raw = new RawHttp(base);
    String before = torii.logs();
    assertThat(raw.send(RawSocket.HANDSHAKE + "\u0089\u0080abcd").closed()).isTrue();
    assertThat(torii.logs()).isEqualTo(before);
  }

  @Test
  void aHandshakeThatOthersMayReadOtherwiseIsRefused() throws IOException {
    var raw = new RawHttp(base);
    String twice = RawSocket.HANDSHAKE.replace("Host: torii", "Host: torii\r\nOrigin: http://a");
    assertThat(raw.send(twice.replace("Host: torii", "Host: torii\r\nOrigin: http://b")).statuses())
        .containsExactly(400);
    assertThat(raw.send(RawSocket.HANDSHAKE.replace("HTTP/1.1", "HTTP/1.0")).statuses())
        .containsExactly(400);
  }

  @Test
  void anOrdinaryRequestIsToldWhatIsSpokenHere() {
    Answer answer = torii.api().get("/ws");
    assertThat(answer.status()).isEqualTo(426);
    assertThat(answer.problem()).isEqualTo("upgrade-required");
    assertThat(answer.header("upgrade")).contains("websocket");
    assertThat(torii.api().get("/health/live").status()).isEqualTo(200);
  }

  @Test
  void aTokenThatIsNotValidIsRefusedBeforeTheUpgrade() {
    assertThat(LiveClient.refusal(base, Map.of("Authorization", "Bearer nonsense"))).isEqualTo(401);
  }

  private static int open() {
    return torii
        .api()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("torii_live_connections{"))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
