package dev.torii.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.redis.Keys;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Processes that wait for the one that loads: slow, dead or hanging. */
class LoadLocksIT {
  private static final Buffer ROW = Buffer.buffer("{\"name\":\"first\"}");

  private final UUID ann = UUID.randomUUID();
  private final String key = Keys.profile(ann);
  private final AtomicReference<Future<Buffer>> held =
      new AtomicReference<>(Future.succeededFuture(ROW));
  private RedisProcess redis;
  private ConnectedRedis connected;

  @BeforeEach
  void connect() {
    redis = TestServices.freshRedis();
    connected = ConnectedRedis.to(redis.uri());
  }

  @AfterEach
  void disconnect() {
    connected.close();
    redis.close();
  }

  @Test
  void slowFirstLoadIsOneQueryForAllWhoWait() throws Exception {
    Promise<Buffer> slow = Promise.promise();
    held.set(slow.future());
    Duration hard = Duration.ofSeconds(6);
    List<CacheProcess> patient = new ArrayList<>();
    List<Future<Loaded>> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      var process = new CacheProcess(connected, CacheProcess.OPTIONS, this::select, hard);
      patient.add(process);
      readers.add(process.start(entries -> entries.load(ann)));
    }
    String lock = Keys.loadLock(key);
    await().until(() -> redis.probe().number("PTTL", lock) > 0);
    // three thirds of the lease, at whose end every reader would load
    for (int renewal = 0; renewal < 3; renewal++) {
      awaitRenewal(lock, hard);
    }
    slow.complete(ROW);
    for (Future<Loaded> reader : readers) {
      assertThat(reader.await(5, TimeUnit.SECONDS).json().toString()).contains("first");
    }
    assertThat(patient.stream().mapToInt(process -> process.queries.get()).sum()).isEqualTo(1);
  }

  @Test
  void locksOfASlowLoadOfManyAreRenewed() throws Exception {
    UUID bob = UUID.randomUUID();
    Promise<Buffer> slow = Promise.promise();
    held.set(slow.future());
    Duration hard = Duration.ofSeconds(6);
    var process = new CacheProcess(connected, CacheProcess.OPTIONS, this::select, hard);
    var readers = process.start(entries -> entries.getAll(List.of(ann, bob)));
    for (UUID id : List.of(ann, bob)) {
      String lock = Keys.loadLock(Keys.profile(id));
      await().until(() -> redis.probe().number("PTTL", lock) > 0);
      awaitRenewal(lock, hard);
    }
    slow.complete(ROW);
    assertThat(readers.await(5, TimeUnit.SECONDS)).containsOnlyKeys(ann, bob);
  }

  private void awaitRenewal(String lock, Duration most) {
    AtomicLong left = new AtomicLong(Long.MAX_VALUE);
    await()
        .atMost(most)
        .until(
            () -> {
              long now = redis.probe().number("PTTL", lock);
              return now > left.getAndSet(now);
            });
  }

  @Test
  void processThatDiesDuringItsLoadIsNotWaitedForLong() throws Exception {
    held.set(Promise.<Buffer>promise().future());
    CacheProcess dead;
    Duration hard = Duration.ofSeconds(4);
    try (ConnectedRedis own = ConnectedRedis.to(redis.uri())) {
      dead = new CacheProcess(own, CacheProcess.OPTIONS, this::select, hard);
      dead.start(entries -> entries.load(ann));
      await().until(() -> dead.queries.get() == 1);
    }
    held.set(Future.succeededFuture(ROW));
    var living = new CacheProcess(connected, CacheProcess.OPTIONS, this::select, hard);
    assertThat(living.get(entries -> entries.load(ann)).json()).isEqualTo(ROW);
    assertThat(living.queries).hasValue(1);
  }

  @Test
  void whoWaitsForALockThatDoesNotEndLoadsItself() throws IOException {
    redis.probe().ask("SET", Keys.loadLock(key), "of a process that hangs");
    var patient =
        new CacheProcess(connected, CacheProcess.OPTIONS, this::select, Duration.ofSeconds(4));
    assertThat(patient.get(entries -> entries.load(ann)).json()).isEqualTo(ROW);
  }

  private Future<Buffer> select(UUID id) {
    return held.get();
  }
}
