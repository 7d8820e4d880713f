package dev.torii.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.bus.Bus;
import dev.torii.config.RedisConfig;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The connection that tells of changed keys, through everything that may happen to it. */
class RedisTrackingIT {
  private static final Duration LEASE_AND_A_TICK = Duration.ofMillis(2_500);

  private final Queue<String> changed = new ConcurrentLinkedQueue<>();
  private final AtomicInteger gaps = new AtomicInteger();
  private final KeyTracking tracking = new KeyTracking();
  private final Vertx vertx = Vertx.vertx();
  private RedisProcess redis;
  private FaultProxy proxy;

  @BeforeEach
  void start() {
    redis = TestServices.freshRedis();
    proxy = FaultProxy.inFrontOf(redis.port());
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(5, TimeUnit.SECONDS);
    proxy.close();
    redis.close();
  }

  @Test
  void everyKindOfChangeIsHeardWhoeverMadeIt() throws Exception {
    watch("seen:");
    connect(redis.uri());
    awaitReliable();

    redis.probe().ask("SET", "seen:set", "1", "PX", "20");
    awaitChanges("seen:set", 2); // the second is its end
    redis.probe().ask("MSET", "seen:many", "1", "unseen:many", "1");
    awaitChanges("seen:many", 1);
    redis.probe().ask("EVAL", "redis.call('SET', KEYS[1], 1)", "1", "seen:script");
    awaitChanges("seen:script", 1);
    redis.probe().ask("DEL", "seen:script");
    awaitChanges("seen:script", 2);
    assertThat(changed).noneMatch(key -> key.startsWith("unseen"));

    int before = gaps.get();
    redis.probe().ask("FLUSHALL");
    await().untilAsserted(() -> assertThat(gaps).hasValue(before + 1));
    assertThat(tracking.isReliable()).isTrue();
  }

  @Test
  void prefixesMayBeginWithOneAnother() throws Exception {
    watch("product:");
    watch("product:list:");
    connect(redis.uri());
    awaitReliable();
    redis.probe().ask("SET", "product:list:all:1", "1");
    awaitChanges("product:list:all:1", 2); // one for each watch
  }

  @Test
  void cutIsAGapAtOnceAndAnotherOneWhenTheLinkIsBack() throws Exception {
    watch("seen:");
    connect(proxy.uri(redis.uri()));
    awaitReliable();
    int before = gaps.get();
    proxy.cut();
    await().until(() -> !tracking.isReliable());
    await().untilAsserted(() -> assertThat(gaps).hasValueGreaterThan(before));
    redis.probe().ask("SET", "seen:unheard", "1");
    int cut = gaps.get();
    proxy.heal();
    awaitReliable();
    assertThat(gaps).hasValueGreaterThan(cut);
    redis.probe().ask("SET", "seen:heard", "1");
    awaitChanges("seen:heard", 1);
  }

  @Test
  void blackHoleIsNoticedWithinTheLeaseAlthoughTheConnectionStaysOpen() throws Exception {
    watch("seen:");
    try (ConnectedRedis direct = ConnectedRedis.to(redis.uri())) {
      ConnectedRedis.User beats = direct.user();
      vertx.runOnContext(
          turn ->
              new RedisTracking(
                      vertx,
                      proxy.uri(redis.uri()),
                      settings(),
                      tracking,
                      call -> beats.start(client -> client.send(call)))
                  .connect());
      awaitReliable();
      proxy.blackHole();
      long from = System.nanoTime();
      await().atMost(LEASE_AND_A_TICK).until(() -> !tracking.isReliable());
      assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofMillis(1_700));
      await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> assertThat(proxy.acceptedConnections()).isGreaterThan(1));
      proxy.heal();
      awaitReliable();
    }
  }

  @Test
  void serverThatStandsStillIsNotReliedUpon() throws Exception {
    watch("seen:");
    connect(redis.uri());
    awaitReliable();
    redis.pause();
    try {
      await().atMost(LEASE_AND_A_TICK).until(() -> !tracking.isReliable());
    } finally {
      redis.resume();
    }
    awaitReliable();
  }

  @Test
  void serverWithoutResp3IsNeverReliedUpon() throws Exception {
    staysUnreliable("--rename-command", "HELLO", "");
  }

  @Test
  void serverWithoutTrackingIsNeverReliedUpon() throws Exception {
    staysUnreliable("--rename-command", "CLIENT", "");
  }

  @Test
  void withoutWatchedKeysThereIsNoSuchConnection() throws Exception {
    connect(redis.uri());
    assertThat(redis.probe().text("CLIENT", "LIST")).doesNotContain("resp=3");
    assertThat(redis.probe().keys("torii:tracking:*")).isEmpty();
    assertThat(tracking.isReliable()).isFalse();
  }

  private void staysUnreliable(String... options) throws Exception {
    try (RedisProcess old = TestServices.freshRedis(options);
        FaultProxy watched = FaultProxy.inFrontOf(old.port())) {
      watch("seen:");
      connect(watched.uri(old.uri()));
      long links = watched.acceptedConnections();
      await().atMost(Duration.ofSeconds(10)).until(() -> watched.acceptedConnections() > links + 1);
      assertThat(tracking.isReliable()).isFalse();
      assertThat(gaps).hasPositiveValue();
    }
  }

  private void watch(String prefix) {
    tracking.watch(
        prefix,
        new KeyListener() {
          @Override
          public void changed(String key) {
            changed.add(key);
          }

          @Override
          public void gap() {
            gaps.incrementAndGet();
          }
        });
  }

  private void connect(String uri) throws Exception {
    Bus bus = Bus.install(vertx, Duration.ofMillis(1_400));
    RedisConfig config = ConnectedRedis.settings(uri, Duration.ofMillis(500), Map.of());
    var verticle =
        new RedisVerticle(
            bus, config, new RedisServers(config), new SimpleMeterRegistry(), tracking);
    vertx.deployVerticle(verticle).await(5, TimeUnit.SECONDS);
  }

  private RedisConfig settings() {
    return ConnectedRedis.settings(redis.uri(), Duration.ofMillis(500), Map.of());
  }

  private void awaitReliable() {
    await().atMost(Duration.ofSeconds(5)).until(tracking::isReliable);
  }

  private void awaitChanges(String key, int count) {
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> assertThat(changed.stream().filter(key::equals)).hasSize(count));
  }
}
