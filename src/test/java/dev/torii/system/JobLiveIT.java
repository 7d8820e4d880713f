package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.CeleryClient;
import dev.torii.testing.LiveClient;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestAdmin;
import dev.torii.testing.TestHandlers;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiCluster;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real jobs followed on two processes, one of which runs them. */
class JobLiveIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static ToriiCluster cluster;
  private static LedgerRows ledger;
  private static TestAccount ann;
  private static TestAccount bob;
  private static String admin;

  @BeforeAll
  static void start() {
    String database = TestServices.freshDatabase();
    cluster =
        ToriiCluster.start(
            2, database, process -> TestAdmin.in(process).with(TestHandlers.settings()));
    ledger = new LedgerRows(database);
    ann = TestAccount.register(cluster.api(0));
    bob = TestAccount.register(cluster.api(1));
    admin =
        TestAccount.login(
                cluster.api(0),
                TestAdmin.SETTINGS.get("TORII_ADMIN_EMAIL"),
                TestAdmin.SETTINGS.get("TORII_ADMIN_PASSWORD"))
            .accessToken();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void ownerOnAnyProcessSeesTheProgressGrowUntilTheEnd() {
    UUID id = progressing(8, 250);
    for (int node : List.of(0, 1)) {
      try (LiveClient client =
          LiveClient.connect(cluster.node(node).baseUri(), ann.accessToken())) {
        client.subscribe("job:" + id);
        List<JsonObject> events = untilTheEnd(client);
        assertThat(last(events).getString("status")).isEqualTo("succeeded");
        assertThat(last(events).getInteger("progress")).isEqualTo(100);
        assertThat(events).extracting(event -> event.getInteger("progress")).isSorted();
      }
    }
  }

  @Test
  void whoComesLateIsToldTheEndAtOnceAndStaysSubscribed() {
    UUID id = progressing(1, 0);
    try (LiveClient first = LiveClient.connect(cluster.node(0).baseUri(), ann.accessToken());
        LiveClient late = LiveClient.connect(cluster.node(1).baseUri(), admin)) {
      first.subscribe("job:" + id);
      untilTheEnd(first);
      late.subscribe("job:" + id);
      assertThat(untilTheEnd(late)).hasSize(1);
      late.send(new JsonObject().put("type", "unsubscribe").put("topic", "job:" + id));
      assertThat(late.next().getString("type")).isEqualTo("unsubscribed");
    }
  }

  @Test
  void whoComesBackIsToldWhatItMissed() {
    UUID id = progressing(10, 300);
    String place;
    try (LiveClient client = LiveClient.connect(cluster.node(0).baseUri(), ann.accessToken())) {
      client.subscribe("job:" + id);
      client.next("event");
      place = client.next("event").getString("id");
    }
    try (LiveClient client = LiveClient.connect(cluster.node(1).baseUri(), ann.accessToken())) {
      JsonObject subscribed = client.subscribe("job:" + id, place);
      assertThat(subscribed.getBoolean("recovered")).isTrue();
      assertThat(last(untilTheEnd(client)).getString("status")).isEqualTo("succeeded");
    }
  }

  @Test
  void jobIsItsOwnersAndTheAdmins() {
    UUID id = progressing(1, 0);
    try (LiveClient nobody = LiveClient.connect(cluster.node(0).baseUri());
        LiveClient other = LiveClient.connect(cluster.node(0).baseUri(), bob.accessToken())) {
      assertThat(refusal(nobody, "job:" + id)).isEqualTo("unauthenticated");
      assertThat(refusal(other, "job:" + id)).isEqualTo("forbidden");
      assertThat(refusal(other, "job:" + UUID.randomUUID())).isEqualTo("not-found");
      assertThat(refusal(other, "job:x")).isEqualTo("not-found");
      assertThat(refusal(other, "jobs")).isEqualTo("forbidden");
      assertThat(refusal(nobody, "jobs")).isEqualTo("unauthenticated");
    }
  }

  @Test
  void adminsHearOfEveryJob() {
    try (LiveClient client = LiveClient.connect(cluster.node(1).baseUri(), admin)) {
      client.subscribe("jobs");
      UUID id = progressing(1, 0);
      JsonObject data;
      do {
        data = client.next("event").getJsonObject("data");
      } while (!id.toString().equals(data.getString("job_id"))
          || !"succeeded".equals(data.getString("status")));
      assertThat(data.getString("type")).isEqualTo("test:progress");
    }
  }

  @Test
  void resultIsThereForCelery() throws Exception {
    try (CeleryClient celery = CeleryClient.of(cluster.redis().uri())) {
      UUID id = ledger.queued("test:fail", new JsonObject().put("fatal", true), ann.userId());
      UUID echo = ledger.queued("test:echo", new JsonObject().put("value", "hello"), ann.userId());
      JsonObject failed = celery.get(id, 30).get(40, TimeUnit.SECONDS);
      assertThat(failed.getString("raised")).isEqualTo("FatalJobException");
      assertThat(failed.getString("message")).isEqualTo("fatal in attempt 1");
      JsonObject echoed = celery.get(echo, 30).get(40, TimeUnit.SECONDS);
      assertThat(echoed.getJsonObject("value").getString("echo")).isEqualTo("hello");
    }
  }

  @Test
  void subscriptionsOfJobsThatNobodyFollowsAnyMoreAreReleased() {
    for (int i = 0; i < 20; i++) {
      UUID id = progressing(1, 0);
      try (LiveClient client = LiveClient.connect(cluster.node(0).baseUri(), ann.accessToken())) {
        client.subscribe("job:" + id);
        untilTheEnd(client);
      }
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(cluster.redis().probe().ask("PUBSUB", "CHANNELS", "job:*:progress"))
                    .isEqualTo(List.of()));
  }

  private static UUID progressing(int updates, int millis) {
    return ledger.queued(
        "test:progress",
        new JsonObject().put("updates", updates).put("millis", millis),
        ann.userId());
  }

  private static List<JsonObject> untilTheEnd(LiveClient client) {
    List<JsonObject> events = new ArrayList<>();
    do {
      events.add(client.next("event").getJsonObject("data"));
    } while (!List.of("succeeded", "failed", "dead", "cancelled")
        .contains(last(events).getString("status")));
    return events;
  }

  private static JsonObject last(List<JsonObject> events) {
    return events.get(events.size() - 1);
  }

  private static String refusal(LiveClient client, String topic) {
    client.send(new JsonObject().put("type", "subscribe").put("topic", topic));
    return client.next("error").getString("code");
  }
}
