package dev.torii.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.CacheOutcome;
import dev.torii.redis.Keys;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several processes with one Redis and one database. */
class CacheProcessesIT {
  private static final Duration LATE = Duration.ofSeconds(1);

  private final UUID ann = UUID.randomUUID();
  private final String key = Keys.profile(ann);
  private final AtomicReference<Buffer> row = new AtomicReference<>(row("first"));
  private final AtomicReference<Future<Buffer>> held = new AtomicReference<>();
  private RedisProcess redis;
  private ConnectedRedis connected;
  private List<CacheProcess> processes;

  @BeforeEach
  void connect() {
    redis = TestServices.freshRedis();
    connected = ConnectedRedis.to(redis.uri());
    processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(new CacheProcess(connected, CacheProcess.OPTIONS, this::select));
    }
    // The first use of a script sends it twice.
    UUID other = UUID.randomUUID();
    first().get(entries -> entries.load(other));
    await().until(() -> first().look(other).outcome() == CacheOutcome.HIT);
    first()
        .get(entries -> entries.writeThrough(other, () -> Future.succeededFuture(row("x")), LATE));
    processes.forEach(process -> process.queries.set(0));
  }

  @AfterEach
  void disconnect() {
    connected.close();
    redis.close();
  }

  @Test
  void manyReadersInThreeProcessesAreOneQuery() throws Exception {
    Promise<Buffer> slow = Promise.promise();
    held.set(slow.future());
    List<Future<Loaded>> readers = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      readers.add(processes.get(i % 3).start(entries -> entries.load(ann)));
    }
    await().until(() -> queries() == 1);
    slow.complete(row("first"));
    for (Future<Loaded> reader : readers) {
      String json = reader.await(5, TimeUnit.SECONDS).json().toString();
      assertThat(json).contains("first").doesNotContain("generation");
    }
    assertThat(queries()).isEqualTo(1);
  }

  @Test
  void groupIsDroppedInOneStepForEveryProcess() {
    loadEverywhere();
    first().get(entries -> entries.invalidateGroup("people"));
    processes.forEach(
        process -> assertThat(process.look(ann).outcome()).isEqualTo(CacheOutcome.MISS));
    loadEverywhere();
    first().get(entries -> entries.invalidateGroup("users"));
    assertThat(first().look(ann).outcome()).isEqualTo(CacheOutcome.MISS);
  }

  @Test
  void loadThatBeganBeforeItsGroupWasDroppedIsNotRead() throws Exception {
    Promise<Buffer> slow = Promise.promise();
    held.set(slow.future());
    Future<Loaded> reader = first().start(entries -> entries.load(ann));
    await().until(() -> queries() == 1);
    processes.get(1).get(entries -> entries.invalidateGroup("users"));
    slow.complete(row("first"));
    reader.await(5, TimeUnit.SECONDS);
    await().until(() -> redis.probe().text("GET", key) != null);
    assertThat(first().look(ann).outcome()).isEqualTo(CacheOutcome.MISS);
  }

  @Test
  void entriesWhoseGroupsGenerationWasEvictedAreNotRead() throws IOException {
    loadEverywhere();
    redis.probe().ask("DEL", Keys.groupGeneration("users"));
    assertThat(first().look(ann).outcome()).isEqualTo(CacheOutcome.MISS);
    first().get(entries -> entries.invalidateGroup("users"));
    assertThat(first().look(ann).outcome()).isEqualTo(CacheOutcome.MISS);
    loadEverywhere();
  }

  @Test
  void absenceIsRememberedUntilItsGroupIsDropped() {
    row.set(null);
    assertThat(first().get(entries -> entries.load(ann)).json()).isNull();
    await().until(() -> first().look(ann).outcome() == CacheOutcome.NEGATIVE);
    first().get(entries -> entries.invalidateGroup("users"));
    assertThat(first().look(ann).outcome()).isEqualTo(CacheOutcome.MISS);
  }

  @Test
  void writtenValueIsTheEntryAtOnce() {
    loadEverywhere();
    first().get(entries -> entries.writeThrough(ann, () -> write("second"), LATE));
    processes.forEach(
        process -> assertThat(process.look(ann).json().toString()).contains("second"));
  }

  @Test
  void ofTwoWritersAtOnceNeitherLeavesAnOldEntry() throws Exception {
    for (int round = 0; round < 200; round++) {
      int number = round;
      loadEverywhere();
      Future<Buffer> one =
          processes.get(0).start(e -> e.writeThrough(ann, () -> write("a" + number), LATE));
      Future<Buffer> other =
          processes.get(1).start(e -> e.writeThrough(ann, () -> write("b" + number), LATE));
      one.await(5, TimeUnit.SECONDS);
      other.await(5, TimeUnit.SECONDS);
      Found found = processes.get(2).look(ann);
      if (found.outcome() == CacheOutcome.HIT) {
        assertThat(found.json().toString()).contains(row.get().toJsonObject().getString("name"));
      }
    }
  }

  @Test
  void writerThatIsOvertakenBetweenItsCommitAndItsStoreDropsTheEntry() throws Exception {
    loadEverywhere();
    Promise<Buffer> committed = Promise.promise();
    Promise<Void> begun = Promise.promise();
    Future<Buffer> slow =
        first()
            .start(
                entries ->
                    entries.writeThrough(
                        ann,
                        () -> {
                          begun.complete();
                          return committed.future();
                        },
                        LATE));
    begun.future().await(5, TimeUnit.SECONDS);
    processes.get(1).get(entries -> entries.writeThrough(ann, () -> write("second"), LATE));
    committed.complete(row("first"));
    slow.await(5, TimeUnit.SECONDS);
    assertThat(first().look(ann).outcome()).isEqualTo(CacheOutcome.MISS);
  }

  @Test
  void oldCopyIsServedWhileTheDatabaseIsAwayAndNoneAfterAWrite() throws Exception {
    loadEverywhere();
    redis.probe().ask("DEL", key);
    held.set(Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, "away")));
    Loaded loaded = first().get(entries -> entries.load(ann));
    assertThat(loaded.stale()).isTrue();
    assertThat(loaded.json().toString()).contains("first");
    assertThat(loaded.cachedAt()).isNotNull();

    first().get(entries -> entries.invalidate(ann));
    Future<Loaded> none = first().start(entries -> entries.load(ann));
    await().until(none::isComplete);
    assertThat(none.cause()).isInstanceOf(Failure.class);
  }

  @Test
  void oldCopyIsServedWhileTheDatabaseIsSlowAndTheNewOneIsStored() throws Exception {
    loadEverywhere();
    redis.probe().ask("DEL", key);
    Promise<Buffer> slow = Promise.promise();
    held.set(slow.future());
    assertThat(first().get(entries -> entries.load(ann)).stale()).isTrue();
    slow.complete(row("second"));
    await().until(() -> first().look(ann).outcome() == CacheOutcome.HIT);
    assertThat(first().look(ann).json().toString()).contains("second");
  }

  @Test
  void loadThatHangsEndsAtItsHardDeadline() {
    held.set(Promise.<Buffer>promise().future());
    Future<Loaded> load = first().start(entries -> entries.load(ann));
    await().until(load::isComplete);
    assertThat(((Failure) load.cause()).code()).isEqualTo(ErrorCode.TIMEOUT);
  }

  @Test
  void entryThatIsReadNearItsEndIsLoadedAgainOnce() throws IOException {
    loadEverywhere();
    String entry = redis.probe().text("GET", key);
    String old = Instant.now().minusSeconds(250).toString();
    String aged = entry.replaceAll("\"cached_at\":\"[^\"]*\"", "\"cached_at\":\"" + old + "\"");
    redis.probe().ask("SET", key, aged);
    int before = queries();
    row.set(row("second"));
    for (CacheProcess process : processes) {
      assertThat(process.look(ann).outcome()).isEqualTo(CacheOutcome.HIT);
    }
    await().until(() -> first().look(ann).json().toString().contains("second"));
    assertThat(processes.stream().mapToLong(process -> process.work("refreshed")).sum())
        .isEqualTo(1);
    assertThat(queries()).isGreaterThan(before);
  }

  @Test
  void compressedTwinOfAnotherServiceIsReadAndDroppedByAWrite() throws IOException {
    redis.probe().ask("SET", Keys.compressedTwin(key), "{\"name\": \"twin\"}");
    Loaded loaded = first().get(entries -> entries.load(ann));
    assertThat(loaded.cached()).isTrue();
    assertThat(loaded.json().toString()).isEqualTo("{\"name\": \"twin\"}");
    first().get(entries -> entries.writeThrough(ann, () -> write("second"), LATE));
    assertThat(redis.probe().text("GET", Keys.compressedTwin(key))).isNull();
  }

  @Test
  void valueThatIsTooLargeIsServedAndNotStored() throws IOException {
    var random = new java.util.Random(7);
    byte[] noise = new byte[1 << 20];
    random.nextBytes(noise);
    row.set(row(java.util.Base64.getEncoder().encodeToString(noise)));
    assertThat(first().get(entries -> entries.load(ann)).json()).isEqualTo(row.get());
    assertThat(first().work("too_large")).isEqualTo(1);
    assertThat(redis.probe().text("GET", key)).isNull();
  }

  @Test
  void manyAreOneReadAndOneQueryInTheOrderAsked() {
    loadEverywhere();
    UUID bob = UUID.randomUUID();
    int before = queries();
    var all = first().get(entries -> entries.getAll(List.of(bob, ann, bob)));
    assertThat(all.keySet()).containsExactly(bob, ann);
    assertThat(all.get(ann).cached()).isTrue();
    assertThat(all.get(bob).cached()).isFalse();
    assertThat(queries()).isEqualTo(before + 2); // the load, and the comparison of the hit
    assertThat(first().get(entries -> entries.getAll(List.of(bob))).get(bob).cached()).isTrue();
  }

  @Test
  void auditFindsAnEntryThatIsOlderThanAnAnsweredWrite() {
    loadEverywhere();
    first().look(ann);
    await().until(() -> first().work("audited") > 0);
    assertThat(first().work("stale_served")).isZero();

    String longAgo = Instant.now().minusSeconds(60).toString();
    row.set(Buffer.buffer("{\"name\":\"second\",\"updated_at\":\"" + longAgo + "\"}"));
    first().look(ann);
    await().until(() -> first().work("stale_served") == 1);
  }

  private CacheProcess first() {
    return processes.get(0);
  }

  private int queries() {
    return processes.stream().mapToInt(process -> process.queries.get()).sum();
  }

  private void loadEverywhere() {
    first().get(entries -> entries.load(ann));
    await().until(() -> first().look(ann).outcome() == CacheOutcome.HIT);
    first().get(entries -> Future.succeededFuture()); // the hit's comparison has asked by now
  }

  private Future<Buffer> select(UUID id) {
    Future<Buffer> slow = held.get();
    return slow != null ? slow : Future.succeededFuture(row.get());
  }

  private Future<Buffer> write(String name) {
    Buffer written = row(name);
    row.set(written);
    return Future.succeededFuture(written);
  }

  private static Buffer row(String name) {
    return Buffer.buffer("{\"name\":\"" + name + "\"}");
  }
}
