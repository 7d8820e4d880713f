package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.EventLines;
import dev.torii.testing.LiveClient;
import dev.torii.testing.ProcessExit;
import dev.torii.testing.SharedTorii;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients of one process hear what happens on the other, as long as they may. */
class LiveIT {
  /** What a revocation may take by contract, and what a busy machine adds. */
  private static final Duration AT_ONCE = Duration.ofMillis(2_500);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static ToriiCluster cluster;
  private static ApiClient b;
  private static ApiClient admin;
  private static URI onA;
  private static long product;

  @BeforeAll
  static void start() {
    cluster =
        ToriiCluster.start(
            2,
            settings ->
                TestAdmin.in(settings)
                    .env("TORII_LIVE_RECONNECT_SPREAD_MS", "3000")
                    .env("TORII_LIMITS_REGISTER_LIMIT", "1000"));
    onA = cluster.node(0).baseUri();
    b = cluster.api(1);
    admin = TestAdmin.login(b);
    var anvil =
        new JsonObject()
            .put("name", "anvil")
            .put("price_cents", 12_900)
            .put("currency", "EUR")
            .put("category", "tools")
            .put("stock", 50);
    Answer created = admin.post("/products", anvil);
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    product = created.json().getJsonObject("product").getLong("id");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @AfterEach
  void heal() {
    cluster.redisProxy().heal();
    for (ApiClient node : List.of(cluster.api(0), b)) {
      await()
          .atMost(PATIENCE)
          .until(() -> node.get("/health/ready").json().getString("status"), "ready"::equals);
    }
    for (ToriiProcess node : List.of(cluster.node(0), cluster.node(1))) {
      await().atMost(PATIENCE).until(() -> isLive(node.baseUri()));
    }
  }

  /** Whether who comes now is not told that events may be late. */
  private static boolean isLive(URI node) {
    try (LiveClient client = LiveClient.connect(node)) {
      client.send(new JsonObject().put("type", "subscribe").put("topic", "stock:" + product));
      boolean told =
          client.next().getString("type").equals("subscribed") && client.next("event") != null;
      client.send(new JsonObject().put("type", "ping"));
      return told && client.next().getString("type").equals("pong");
    }
  }

  @Test
  void aChangeOnTheOtherProcessArrivesAndTheLatestComesAtOnce() {
    set(41);
    try (LiveClient client = LiveClient.connect(onA)) {
      client.subscribe("stock:" + product);
      assertThat(stock(client.next("event"))).isEqualTo(41);
      set(42);
      JsonObject event = client.next("event");
      assertThat(stock(event)).isEqualTo(42);
      assertThat(event.getString("topic")).isEqualTo("stock:" + product);
      client.send(new JsonObject().put("type", "unsubscribe").put("topic", "stock:" + product));
      client.next("unsubscribed");
      set(43);
      client.send(new JsonObject().put("type", "ping"));
      client.next("pong");
    }
  }

  @Test
  void whoComesBackIsToldWhatItMissed() {
    String topic = "stock:" + product;
    String last;
    try (LiveClient client = LiveClient.connect(onA)) {
      client.subscribe(topic);
      client.next("event");
      set(7);
      last = client.next("event").getString("id");
    }
    set(8);
    set(9);
    try (LiveClient client = LiveClient.connect(onA)) {
      assertThat(client.subscribe(topic, last).getBoolean("recovered")).isTrue();
      assertThat(stock(client.next("event"))).isEqualTo(8);
      assertThat(stock(client.next("event"))).isEqualTo(9);
    }
    try (EventLines stream = EventLines.open(onA, topic, Map.of("Last-Event-ID", last))) {
      assertThat(stream.next()).containsEntry("event", "subscribed");
      assertThat(stream.next().get("data")).contains("\"stock\":8");
      assertThat(stream.next().get("data")).contains("\"stock\":9");
    }
  }

  @Test
  void aStreamCarriesTheSame() {
    try (EventLines stream = EventLines.open(onA, "stock:" + product, Map.of())) {
      assertThat(stream.status()).isEqualTo(200);
      assertThat(stream.header("content-type")).isEqualTo("text/event-stream");
      assertThat(stream.header("cache-control")).isEqualTo("no-store");
      assertThat(stream.next()).containsEntry("event", "subscribed").containsKey("id");
      stream.next(); // the latest
      set(17);
      Map<String, String> event = stream.next();
      assertThat(event).containsKey("id").doesNotContainKey("event");
      assertThat(event.get("data")).contains("\"stock\":17");
    }
  }

  @Test
  void aStreamThatCannotBeginIsAnOrdinaryProblem() {
    ApiClient a = cluster.api(0);
    assertThat(a.get("/events?topic=weather").status()).isEqualTo(404);
    assertThat(a.get("/events").status()).isEqualTo(400);
    assertThat(a.get("/events?topic=stock&last_event_id=yesterday").status()).isEqualTo(400);
    assertThat(a.as("nonsense").get("/events?topic=stock").status()).isEqualTo(401);
  }

  @Test
  void whoAuthenticatesIsKnownUntilItsSessionIsRevokedElsewhere() {
    TestAccount ann = TestAccount.register(b);
    TestAccount again = ann.loginAgain(b);
    try (LiveClient byHeader = LiveClient.connect(onA, ann.accessToken());
        LiveClient byMessage = LiveClient.connect(onA);
        LiveClient other = LiveClient.connect(onA, again.accessToken());
        EventLines stream =
            EventLines.open(onA, "stock", Map.of("Authorization", "Bearer " + ann.accessToken()))) {
      JsonObject answer = byMessage.authenticate(ann.accessToken());
      assertThat(answer.getString("user_id")).isEqualTo(ann.userId());
      assertThat(Instant.parse(answer.getString("expires_at"))).isAfter(Instant.now());
      assertThat(stream.next()).containsEntry("event", "subscribed");

      assertThat(b.as(ann.accessToken()).post("/auth/logout", new JsonObject()).status())
          .isEqualTo(204);
      long revoked = System.nanoTime();
      assertThat(byHeader.closeCode()).isEqualTo(4401);
      assertThat(byMessage.closeCode()).isEqualTo(4401);
      assertThat(stream.last()).containsEntry("event", "problem");
      assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(AT_ONCE);
      assertThat(other.isOpen()).isTrue();
    }
  }

  /** Redis is away: the process knows of revocations by the database alone. */
  @Test
  void aRevocationClosesAlsoWhileRedisIsAway() {
    TestAccount ann = TestAccount.register(b);
    try (LiveClient client = LiveClient.connect(onA, ann.accessToken())) {
      cluster.redisProxy().cut();
      Answer done = admin.post("/admin/users/" + ann.userId() + "/revoke", new JsonObject());
      long revoked = System.nanoTime();
      assertThat(done.status()).isEqualTo(200);
      assertThat(client.closeCode()).isEqualTo(4401);
      assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(AT_ONCE);
    }
  }

  @Test
  void aTokenOfAnotherProgramMayBeRevokedByItsKeyAlone() throws Exception {
    TestAccount ann = TestAccount.register(b);
    String jti = new JsonObject(Forger.Parts.of(ann.accessToken()).claims()).getString("jti");
    try (LiveClient client = LiveClient.connect(onA, ann.accessToken())) {
      cluster.redis().probe().ask("SET", "blacklist:access:" + jti, "true", "EX", "900");
      assertThat(client.closeCode()).isEqualTo(4401);
    }
  }

  @Test
  void aDisabledUserAndARevokedKeyAreSentAway() {
    TestAccount ann = TestAccount.register(b);
    JsonObject key = TestAdmin.apiKey(admin, "stock:write");
    try (LiveClient user = LiveClient.connect(onA, ann.accessToken());
        LiveClient service = LiveClient.connect(onA, key.getString("api_key"))) {
      service.subscribe("stock:" + product);
      admin.post("/admin/users/" + ann.userId() + "/disable", new JsonObject());
      assertThat(user.closeCode()).isEqualTo(4401);
      admin.delete("/admin/api-keys/" + key.getString("id"));
      assertThat(service.closeCode()).isEqualTo(4401);
    }
  }

  @Test
  void aTokenThatIsNotGoodEndsTheConnection() {
    try (LiveClient client = LiveClient.connect(onA)) {
      client.send(new JsonObject().put("type", "auth").put("token", "nonsense"));
      assertThat(client.next("error").getString("code")).isEqualTo("unauthenticated");
      assertThat(client.closeCode()).isEqualTo(4401);
    }
  }

  @Test
  void aConnectionBelongsToOneUser() {
    TestAccount ann = TestAccount.register(b);
    String fresh = ann.loginAgain(b).accessToken();
    try (LiveClient client = LiveClient.connect(onA, ann.accessToken())) {
      assertThat(client.authenticate(fresh).getString("user_id")).isEqualTo(ann.userId());
      String bobs = TestAccount.register(b).accessToken();
      client.send(new JsonObject().put("type", "auth").put("token", bobs));
      assertThat(client.next("error").getString("code")).isEqualTo("forbidden");
      assertThat(client.closeCode()).isEqualTo(4401);
    }
  }

  @Test
  void aTokenThatEndsEndsTheConnection() {
    String token = TestAccount.register(SharedTorii.api()).accessToken();
    long end = Instant.now().getEpochSecond() + 3;
    Forger.Parts parts = Forger.Parts.of(token).claim("exp", Long.toString(end));
    String brief = Forger.rs256(parts, SharedTorii.KEY.getPrivate());
    try (LiveClient client = LiveClient.connect(SharedTorii.process().baseUri(), brief)) {
      assertThat(client.closeCode()).isEqualTo(4401);
      assertThat(Instant.now()).isAfterOrEqualTo(Instant.ofEpochSecond(end));
    }
  }

  @Test
  void aProcessThatStopsSendsItsClientsAway() {
    try (ToriiProcess leaving =
            ToriiProcess.builder()
                .redis(TestServices.freshRedis().uri())
                .postgres(TestServices.freshDatabase())
                .start();
        LiveClient client = LiveClient.connect(leaving.baseUri());
        EventLines stream = EventLines.open(leaving.baseUri(), "stock", Map.of())) {
      client.subscribe("stock");
      assertThat(stream.next()).containsEntry("event", "subscribed");
      ProcessExit exit = leaving.stop();
      assertThat(exit.code()).isZero();
      assertThat(exit.took()).isLessThan(Duration.ofSeconds(15));
      assertThat(client.next("restart").getLong("retry_after_ms")).isBetween(0L, 10_000L);
      assertThat(client.closeCode()).isEqualTo(1012);
      assertThat(stream.last()).containsKey("retry");
    }
  }

  @Test
  void whatIsOpenIsCounted() {
    try (LiveClient client = LiveClient.connect(onA)) {
      client.subscribe("stock");
      await().until(() -> metric("torii_live_subscriptions") >= 1);
      assertThat(metric("torii_live_connections{protocol=\"websocket\"}")).isPositive();
    }
    await().until(() -> metric("torii_live_closed_total{code=\"1000\"}") >= 1);
  }

  private static double metric(String name) {
    return cluster
        .api(0)
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static void set(int stock) {
    Answer changed =
        admin.post("/products/" + product + "/stock", new JsonObject().put("set", stock));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
  }

  private static int stock(JsonObject event) {
    return event.getJsonObject("data").getInteger("stock");
  }
}
