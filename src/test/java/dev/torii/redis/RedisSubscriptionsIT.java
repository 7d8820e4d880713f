package dev.torii.redis;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.bus.Done;
import dev.torii.redis.RedisApi.ChannelMessage;
import dev.torii.redis.RedisApi.Listen;
import dev.torii.redis.RedisApi.Subscribe;
import dev.torii.redis.RedisApi.Unsubscribe;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Pub/Sub connection through everything that may happen to it. */
class RedisSubscriptionsIT {
  private static final String CHANNEL = "test:bell";

  private final Queue<String> heard = new ConcurrentLinkedQueue<>();
  private final AtomicInteger lives = new AtomicInteger();
  private RedisProcess redis;
  private FaultProxy proxy;

  @BeforeEach
  void start() {
    redis = TestServices.freshRedis();
    proxy = FaultProxy.inFrontOf(redis.port());
  }

  @AfterEach
  void stop() {
    proxy.close();
    redis.close();
  }

  @Test
  void messagesAreHeardAlsoAfterTheLinkWasCut() throws Exception {
    try (ConnectedRedis connected = ConnectedRedis.to(proxy.uri(redis.uri()))) {
      connected.bus().listen(RedisApi.MESSAGE, this::hear);
      connected.bus().listen(RedisApi.RESUBSCRIBED, event -> lives.incrementAndGet());
      connected.bus().ask(RedisApi.SUBSCRIBE, new Subscribe(CHANNEL)).await(5, TimeUnit.SECONDS);
      awaitListeners(1);
      publish("one");
      await().untilAsserted(() -> assertThat(heard).containsExactly("one"));

      int before = lives.get();
      proxy.cut();
      awaitListeners(0);
      publish("nobody hears this");
      proxy.heal();

      await().untilAsserted(() -> assertThat(lives).hasValueGreaterThan(before));
      assertThat(listeners()).isEqualTo(1);
      publish("two");
      await().untilAsserted(() -> assertThat(heard).containsExactly("one", "two"));
    }
  }

  @Test
  void messagesAreHeardAfterARestartOfTheServer() throws Exception {
    try (ConnectedRedis connected = ConnectedRedis.to(redis.uri())) {
      connected.bus().listen(RedisApi.MESSAGE, this::hear);
      connected.bus().ask(RedisApi.SUBSCRIBE, new Subscribe(CHANNEL)).await(5, TimeUnit.SECONDS);
      awaitListeners(1);
      redis.kill();
      redis.startAgain();
      awaitListeners(1);
      publish("after");
      await().untilAsserted(() -> assertThat(heard).containsExactly("after"));
    }
  }

  @Test
  void blackHoleIsNoticedByTheMissingHeartbeatAlthoughTheConnectionStaysOpen() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      var config =
          ConnectedRedis.settings(proxy.uri(redis.uri()), Duration.ofMillis(500), Map.of());
      // Only Pub/Sub goes through the proxy: heartbeats reach the server and do not come back.
      vertx.runOnContext(
          turn -> {
            var subscriptions =
                new RedisSubscriptions(
                    vertx,
                    config.uri(),
                    config,
                    (channel, body) -> heard.add(body),
                    lives::incrementAndGet,
                    () -> {},
                    this::publishOn);
            subscriptions.subscribe(CHANNEL);
            subscriptions.connect();
          });
      awaitListeners(1);
      await().untilAsserted(() -> assertThat(lives).hasValue(1));
      assertThat(proxy.acceptedConnections()).isEqualTo(1);

      proxy.blackHole();
      await()
          .atMost(Duration.ofSeconds(7))
          .untilAsserted(() -> assertThat(proxy.acceptedConnections()).isGreaterThan(1));
      proxy.heal();

      await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> assertThat(lives).hasValueGreaterThan(1));
      publish("heard again");
      await().untilAsserted(() -> assertThat(heard).contains("heard again"));
    } finally {
      vertx.close().await(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void subscriptionThatEndsBeforeItIsConfirmedFails() throws Exception {
    try (ConnectedRedis connected = ConnectedRedis.to(proxy.uri(redis.uri()))) {
      connected.bus().ask(RedisApi.SUBSCRIBE, new Subscribe("test:first")).await(5, SECONDS);
      proxy.blackHole();
      Future<Done> listening = connected.bus().ask(RedisApi.LISTEN, new Listen(CHANNEL));
      connected.bus().ask(RedisApi.UNSUBSCRIBE, new Unsubscribe(CHANNEL)).await(5, SECONDS);
      await().atMost(Duration.ofSeconds(1)).until(listening::failed);
    }
  }

  private void hear(ChannelMessage message) {
    assertThat(message.channel()).isEqualTo(CHANNEL);
    heard.add(message.body());
  }

  private void awaitListeners(long count) {
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> assertThat(listeners()).isEqualTo(count));
  }

  private long listeners() throws IOException {
    return (Long) ((java.util.List<?>) redis.probe().ask("PUBSUB", "NUMSUB", CHANNEL)).get(1);
  }

  private void publish(String body) {
    publishOn(CHANNEL, body);
  }

  private void publishOn(String channel, String body) {
    try {
      redis.probe().ask("PUBLISH", channel, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
