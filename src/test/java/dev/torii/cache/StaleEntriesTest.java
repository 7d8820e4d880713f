package dev.torii.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.bus.Bus;
import dev.torii.failure.Failure;
import dev.torii.redis.FakeRedis;
import dev.torii.redis.FakeRedis.Asked;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StaleEntriesTest {
  private static final String KEY = "cache:profile:ann";

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final StaleEntries stale = new StaleEntries(Duration.ofSeconds(3), nanos::get);
  private Vertx vertx;
  private Bus bus;
  private Context context;
  private FakeRedis redis;
  private EntryCache<SourcedRead> cache;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    bus = Bus.install(vertx, Duration.ofSeconds(5));
    redis = FakeRedis.on(bus);
    context = vertx.getOrCreateContext();
    cache =
        onContext(
                () ->
                    Future.succeededFuture(
                        new EntryCache<>(
                            vertx,
                            new RedisClient(vertx, bus, true),
                            SourcedRead.caches(stale, new SimpleMeterRegistry()),
                            SourcedRead.spec())))
            .await(5, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void entryIsNotReadFromTheWriteUntilItWasDropped() throws Exception {
    Future<Void> invalidated = onContext(() -> cache.invalidate(SourcedRead.of(KEY)));
    Asked drop = redis.next();
    assertThat(stale.contains(KEY)).isTrue();
    drop.succeed();
    invalidated.await(5, TimeUnit.SECONDS);
    assertThat(stale.contains(KEY)).isFalse();
  }

  @Test
  void allEntriesThatCouldNotBeDroppedAreDroppedLaterAndNotReadUntilThen() throws Exception {
    Future<Void> invalidated = onContext(() -> cache.invalidateAll());
    redis.failUntilDone(invalidated);
    List<String> groups = List.of(Keys.groupGeneration(SourcedRead.spec().name()));
    assertThat(stale.containsAny(groups)).isTrue();
    assertThat(stale.containsAny(List.of(Keys.groupGeneration("others")))).isFalse();

    onContext(this::dropStaleEntries).await(5, TimeUnit.SECONDS);
    redis.next().succeed();
    await().until(() -> !stale.containsAny(groups));
  }

  @Test
  void entryThatCouldNotBeDroppedIsDroppedLater() throws Exception {
    Future<Void> invalidated = onContext(() -> cache.invalidate(SourcedRead.of(KEY)));
    redis.failUntilDone(invalidated);
    assertThat(stale.contains(KEY)).isTrue();
    assertThat(stale.contains("cache:profile:bob")).isFalse();

    onContext(this::dropStaleEntries).await(5, TimeUnit.SECONDS);
    redis.next().succeed();
    await().until(() -> !stale.contains(KEY));
  }

  @Test
  void entriesThatWaitAreDroppedAPortionAtATime() throws Exception {
    Future<?> all =
        onContext(
            () -> {
              List<Future<Void>> drops = new ArrayList<>();
              for (int i = 0; i < 600; i++) {
                drops.add(cache.invalidate(SourcedRead.of(KEY + i)));
              }
              return Future.join(drops);
            });
    redis.failUntilDone(all);

    onContext(this::dropStaleEntries).await(5, TimeUnit.SECONDS);
    for (int dropped = 0; dropped < 600; ) {
      Asked portion = redis.next();
      assertThat(portion.size()).isLessThanOrEqualTo(500); // two an entry
      dropped += portion.size() / 2;
      portion.succeed();
    }
    await().until(() -> !stale.contains(KEY + 0) && !stale.contains(KEY + 599));
  }

  @Test
  void operatorIsToldThatAnEntryIsYetToBeDropped() throws Exception {
    UUID ann = UUID.randomUUID();
    Future<Void> invalidated = users().invalidate(ann.toString());
    redis.failUntilDone(invalidated);
    assertThat(invalidated.cause()).isInstanceOf(Failure.class);
    assertThat(stale.contains(Keys.profile(ann))).isTrue();
  }

  @Test
  void secondWriteIsNotForgottenWhenOnlyTheFirstCouldBeDropped() throws Exception {
    Future<Void> first = onContext(() -> cache.invalidate(SourcedRead.of(KEY)));
    Asked firstDrop = redis.next();
    Future<Void> second = onContext(() -> cache.invalidate(SourcedRead.of(KEY)));
    Asked secondDrop = redis.next();
    firstDrop.succeed();
    first.await(5, TimeUnit.SECONDS);
    secondDrop.fail();
    redis.failUntilDone(second);
    assertThat(stale.contains(KEY)).isTrue();
  }

  @Test
  void writerWaitsForALinkThatBreaksForAMoment() throws Exception {
    Future<Void> invalidated = onContext(() -> cache.invalidate(SourcedRead.of(KEY)));
    redis.next().fail();
    Asked second = redis.next();
    assertThat(invalidated.isComplete()).isFalse();
    second.succeed();
    invalidated.await(5, TimeUnit.SECONDS);
    assertThat(stale.contains(KEY)).isFalse();
  }

  @Test
  void noEntryIsReadForAWhileAfterRedisWasAway() {
    assertThat(stale.mayBeStale(KEY)).isFalse();
    stale.distrustAll();
    assertThat(stale.mayBeStale(KEY)).isTrue();
    nanos.addAndGet(Duration.ofSeconds(3).toNanos() - 1);
    assertThat(stale.mayBeStale(KEY)).isTrue();
    nanos.incrementAndGet();
    assertThat(stale.mayBeStale(KEY)).isFalse();
  }

  /** The shared half of a cache of users. */
  private Cache<UUID> users() throws Exception {
    Caches caches = SourcedRead.caches(stale, new SimpleMeterRegistry());
    CacheSpec<UUID> spec =
        CacheSpec.ofUsers(
            "users",
            Keys::profile,
            SourcedRead.CONFIG.caches().profiles(),
            ids -> Future.failedFuture("nobody loads this"));
    onContext(
            () ->
                Future.succeededFuture(
                    new EntryCache<>(vertx, new RedisClient(vertx, bus, true), caches, spec)))
        .await(5, TimeUnit.SECONDS);
    return caches.named("users");
  }

  private Future<Void> dropStaleEntries() {
    cache.dropStaleEntries();
    return Future.succeededFuture();
  }

  private <T> Future<T> onContext(Supplier<Future<T>> use) {
    Promise<T> done = Promise.promise();
    context.runOnContext(turn -> use.get().onComplete(done));
    return done.future();
  }
}
