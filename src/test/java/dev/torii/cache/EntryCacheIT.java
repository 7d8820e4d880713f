package dev.torii.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.ConnectedRedis.User;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EntryCacheIT {
  private static final Buffer OLD = Buffer.buffer("{\"v\":\"old\"}");
  private static final Buffer NEW = Buffer.buffer("{\"v\":\"new\"}");
  private static final String TAIL = ",\"cached_at\":\"[^\"]*\",\"generation\":\"[0-9]+\"";
  private final String key = Keys.profile(UUID.randomUUID());
  private final StaleEntries stale = new StaleEntries(Duration.ZERO);
  private RedisProcess redis;
  private ConnectedRedis connected;
  private User user;
  private EntryCache<SourcedRead> cache;

  @BeforeEach
  void connect() {
    redis = TestServices.freshRedis();
    connected = ConnectedRedis.to(redis.uri());
    user = connected.user();
    cache = user.get(client -> Future.succeededFuture(cache(client)));
    // A script that the server does not know yet is sent twice, and then what follows overtakes it.
    String first = Keys.profile(UUID.randomUUID());
    load(first, () -> Future.succeededFuture(NEW));
    await().until(() -> entry(first) != null);
  }

  @AfterEach
  void disconnect() {
    connected.close();
    redis.close();
  }

  @Test
  void storesWhatWasLoadedWithALifeWithinTheJitter() throws IOException {
    Set<Long> lives = new HashSet<>();
    for (int i = 0; i < 30; i++) {
      String entry = Keys.profile(UUID.randomUUID());
      assertThat(load(entry, () -> Future.succeededFuture(NEW))).isEqualTo(NEW);
      assertThat(entry(entry)).isEqualTo(NEW.toString());
      long life = redis.probe().number("PTTL", entry);
      assertThat(life).isBetween(265_000L, 330_000L);
      lives.add(life / 1_000);
    }
    assertThat(lives).hasSizeGreaterThan(3);
  }

  @Test
  void remembersForAShorterTimeThatThereIsNothing() throws IOException {
    assertThat(load(key, () -> Future.succeededFuture(null))).isNull();
    assertThat(entry(key)).isEqualTo("null");
    assertThat(redis.probe().number("PTTL", key)).isBetween(25_000L, 33_000L);
  }

  @Test
  void storesNothingWhenTheLoadFails() throws Exception {
    var broken = new IllegalStateException("no database");
    assertThat(catchThrowable(() -> load(key, () -> Future.failedFuture(broken)))).isSameAs(broken);
    assertThat(entry(key)).isNull();
    assertThat(load(key, () -> Future.succeededFuture(NEW))).isEqualTo(NEW);
  }

  @Test
  void readerThatIsOvertakenByAnInvalidationDoesNotStoreTheOldRow() throws Exception {
    for (int round = 0; round < 100; round++) {
      HeldLoad reader = new HeldLoad();
      user.get(client -> cache.invalidate(SourcedRead.of(key)));
      reader.finish(OLD);
      assertThat(entry(key)).isNull();

      assertThat(load(key, () -> Future.succeededFuture(NEW))).isEqualTo(NEW);
      assertThat(entry(key)).isEqualTo(NEW.toString());
      user.get(client -> cache.invalidate(SourcedRead.of(key)));
    }
  }

  @Test
  void readerThatIsOvertakenByAnotherProcessDoesNotStoreTheOldRow() throws Exception {
    User otherProcess = connected.user();
    EntryCache<SourcedRead> other =
        otherProcess.get(client -> Future.succeededFuture(cache(client)));
    for (int i = 0; i < 20; i++) {
      HeldLoad reader = new HeldLoad();
      otherProcess.get(client -> other.invalidate(SourcedRead.of(key)));
      otherProcess.get(
          client -> other.load(new SourcedRead(key, () -> Future.succeededFuture(NEW))));
      await().until(() -> NEW.toString().equals(entry(key)));
      reader.finish(OLD);
      assertThat(entry(key)).isEqualTo(NEW.toString());
      otherProcess.get(client -> other.invalidate(SourcedRead.of(key)));
    }
  }

  @Test
  void readerThatMissedAFlushOfTheServerStoresNothing() throws Exception {
    HeldLoad reader = new HeldLoad();
    redis.probe().ask("FLUSHALL");
    reader.finish(OLD);
    assertThat(entry(key)).isNull();
  }

  @Test
  void manyReadersAreOneLoad() throws Exception {
    HeldLoad first = new HeldLoad();
    var loads = new AtomicInteger();
    Future<?> others =
        user.start(
            client -> {
              Future<?> all = Future.succeededFuture();
              for (int i = 0; i < 10; i++) {
                Future<?> one = cache.load(new SourcedRead(key, () -> count(loads)));
                all = Future.join(all, one);
              }
              return all;
            });
    first.finish(NEW);
    others.await(5, TimeUnit.SECONDS);
    assertThat(loads).hasValue(0);
    user.get(client -> cache.invalidate(SourcedRead.of(key)));
    assertThat(load(key, () -> count(loads))).isEqualTo(NEW);
    assertThat(loads).hasValue(1);
  }

  @Test
  void readerAfterAWriteDoesNotShareALoadThatBeganBeforeIt() throws Exception {
    HeldLoad early = new HeldLoad();
    user.get(client -> cache.invalidate(SourcedRead.of(key)));
    assertThat(load(key, () -> Future.succeededFuture(NEW))).isEqualTo(NEW);
    early.finish(OLD);
    assertThat(entry(key)).isEqualTo(NEW.toString());
  }

  @Test
  void readerAfterAWriteOfAnotherProcessDoesNotShareALoadThatBeganBeforeIt() throws Exception {
    User otherProcess = connected.user();
    EntryCache<SourcedRead> other =
        otherProcess.get(client -> Future.succeededFuture(cache(client)));
    HeldLoad early = new HeldLoad();
    otherProcess.get(client -> other.invalidate(SourcedRead.of(key)));
    Future<Loaded> late =
        user.start(client -> cache.load(new SourcedRead(key, () -> Future.succeededFuture(NEW))));
    early.finish(OLD);
    assertThat(late.await(5, TimeUnit.SECONDS).json()).isEqualTo(NEW);
  }

  @Test
  void staleCopyThatAnotherProcessDroppedIsNotServedToThoseWhoComeLater() throws Exception {
    load(key, () -> Future.succeededFuture(OLD));
    assertThat(entry(key)).isEqualTo(OLD.toString());
    redis.probe().ask("DEL", key);
    Promise<Buffer> never = Promise.promise();
    Loaded first = user.get(client -> cache.load(new SourcedRead(key, never::future)));
    assertThat(first.stale()).isTrue();
    // who comes while a load is under way brings the source of the next one
    Loaded second =
        user.get(client -> cache.load(new SourcedRead(key, () -> Future.succeededFuture(NEW))));
    assertThat(second.stale()).isTrue();

    redis.probe().ask("DEL", Keys.staleCopy(key), Keys.generation(key), Keys.loadLock(key));
    Future<Loaded> late = user.start(client -> cache.load(SourcedRead.of(key)));
    user.get(
        client -> {
          never.complete(OLD);
          return Future.succeededFuture();
        });
    Loaded last = late.await(5, TimeUnit.SECONDS);
    assertThat(last.stale()).isFalse();
    assertThat(last.json()).isEqualTo(NEW);
  }

  @Test
  void loadsFromTheSourceWhileRedisIsAway() throws Exception {
    redis.stop();
    awaitAway();
    assertThat(load(key, () -> Future.succeededFuture(NEW))).isEqualTo(NEW);
    assertThat(load(key, () -> Future.succeededFuture(null))).isNull();
  }

  @Test
  void invalidationThatRedisMissedIsMadeWhenItIsBackAndNobodyReadsTheEntryMeanwhile()
      throws Exception {
    connected.bus().listen(RedisApi.LINK_UP, link -> user.start(client -> dropStaleEntries()));
    load(key, () -> Future.succeededFuture(OLD));
    assertThat(entry(key)).isEqualTo(OLD.toString());
    redis.stop();
    awaitAway();

    user.get(client -> cache.invalidate(SourcedRead.of(key)));
    assertThat(stale.contains(key)).isTrue();

    redis.startAgain();
    await().atMost(Duration.ofSeconds(5)).until(() -> !stale.contains(key));
    assertThat(redis.probe().text("GET", key)).isNull();
  }

  @Test
  void invalidationGoesThroughOnAServerWhoseMemoryIsFull() throws Exception {
    load(key, () -> Future.succeededFuture(OLD));
    assertThat(entry(key)).isEqualTo(OLD.toString());
    redis.probe().ask("CONFIG", "SET", "maxmemory", "1");

    user.get(client -> cache.invalidate(SourcedRead.of(key)));
    assertThat(redis.probe().text("GET", key)).isNull();
    assertThat(stale.contains(key)).isFalse();
    assertThat(load(key, () -> Future.succeededFuture(NEW))).isEqualTo(NEW);
  }

  private EntryCache<SourcedRead> cache(RedisClient client) {
    return new EntryCache<>(
        connected.vertx(),
        client,
        SourcedRead.caches(stale, connected.registry()),
        SourcedRead.spec());
  }

  private Buffer load(String entry, Supplier<Future<Buffer>> loader) {
    return user.get(client -> cache.load(new SourcedRead(entry, loader))).json();
  }

  private Future<Buffer> count(AtomicInteger loads) {
    loads.incrementAndGet();
    return Future.succeededFuture(NEW);
  }

  private Future<Void> dropStaleEntries() {
    cache.dropStaleEntries();
    return Future.succeededFuture();
  }

  /**
   * The entry without its time and generation, after all that was sent before; commands stay in
   * order.
   */
  private String entry(String of) {
    var value = user.get(client -> client.send(RedisCall.of(Area.CACHE, Command.GET, of)));
    return value == null ? null : value.toString().replaceAll(TAIL, "").trim();
  }

  private void awaitAway() {
    await().until(() -> connected.registry().get("torii.redis.up").gauge().value() == 0);
  }

  /** A reader that has asked the database and does not get its row before it is told to. */
  private final class HeldLoad {
    private final Promise<Buffer> row = Promise.promise();
    private final Future<Loaded> load;

    HeldLoad() throws TimeoutException {
      Promise<Void> selecting = Promise.promise();
      load =
          user.start(
              client ->
                  cache.load(
                      new SourcedRead(
                          key,
                          () -> {
                            selecting.complete();
                            return row.future();
                          })));
      selecting.future().await(5, TimeUnit.SECONDS);
    }

    /** Lets the row arrive, on the reader's own context, and its store be sent. */
    void finish(Buffer value) throws TimeoutException {
      user.get(
          client -> {
            row.complete(value);
            return Future.succeededFuture();
          });
      assertThat(load.await(5, TimeUnit.SECONDS).json()).isEqualTo(value);
    }
  }
}
