package dev.torii.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestAccount;
import dev.torii.testing.TestServices;
import dev.torii.testing.ToriiProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Profiles kept in the memory of two processes: one writes, and the other, whose link to Redis goes
 * through a bad network, must not be behind for long.
 */
class CacheInMemoryIT {
  private static final Logger LOG = LoggerFactory.getLogger(CacheInMemoryIT.class);
  private static final int UPDATES = 200;

  /** How long a report of changes is good for, and what a busy machine needs to read it. */
  private static final Duration BEHIND_AT_MOST = Duration.ofMillis(1_500 + 300);

  private static RedisProcess redis;
  private static FaultProxy proxy;
  private static ToriiProcess writer;
  private static ToriiProcess reader;

  private TestAccount ann;
  private ApiClient onWriter;
  private ApiClient onReader;
  private final List<Long> acknowledgedAt = Collections.synchronizedList(new ArrayList<>());

  @BeforeAll
  static void start() {
    redis = TestServices.freshRedis();
    proxy = FaultProxy.inFrontOf(redis.port());
    String postgres = TestServices.freshDatabase();
    writer = process(redis.uri(), postgres).launch();
    reader = process(proxy.uri(redis.uri()), postgres).launch();
    writer.awaitReady();
    reader.awaitReady();
  }

  private static ToriiProcess.Builder process(String redisUri, String postgres) {
    return ToriiProcess.builder()
        .redis(redisUri)
        .postgres(postgres)
        .env("TORII_CACHES_PROFILES_L1_ENTRIES", "1000")
        .env("TORII_CACHES_PROFILES_L1_SECONDS", "3600")
        .env("TORII_REDIS_RECONNECT_MAX_MS", "500")
        .env("TORII_LIMITS_REGISTER_LIMIT", "1000")
        .env("TORII_LIMITS_PROFILES_READ_LIMIT", "1000000")
        .env("TORII_LIMITS_PROFILES_READ_WINDOW_SECONDS", "1")
        .env("TORII_LIMITS_PROFILES_UPDATE_LIMIT", "1000000")
        .env("TORII_LIMITS_PROFILES_UPDATE_WINDOW_SECONDS", "1");
  }

  @AfterAll
  static void stop() {
    writer.close();
    reader.close();
    proxy.close();
    redis.close();
  }

  @BeforeEach
  void register() {
    ann = TestAccount.register(writer.api());
    onWriter = writer.api().as(ann.accessToken());
    onReader = reader.api().as(ann.accessToken());
    acknowledgedAt.clear();
    write();
  }

  @Test
  void readsFromMemoryCostNoReadOfTheEntry() throws IOException {
    awaitKept();
    long before = redis.probe().calls("mget");
    for (int i = 0; i < 50; i++) {
      Answer answer = onReader.get(ann.profilePath());
      assertThat(answer.header("x-cache")).contains("hit");
      assertThat(answer.json().getBoolean("cached")).isTrue();
      assertThat(answer.json().getString("cached_at")).isNotNull();
    }
    assertThat(redis.probe().calls("mget")).isEqualTo(before);
  }

  @Test
  void changeIsSeenByItsWriterAtOnceAndByTheOtherProcessInAMoment() {
    List<Duration> behind = new ArrayList<>();
    for (int round = 0; round < 50; round++) {
      readUntilHit(onWriter);
      awaitKept();
      int version = write();
      assertThat(version(onWriter)).isEqualTo(version);
      while (version(onReader) < version) {
        assertThat(sinceAcknowledged(version)).isLessThan(BEHIND_AT_MOST);
      }
      behind.add(sinceAcknowledged(version));
    }
    Collections.sort(behind);
    LOG.info(
        "new on the other process after {} (median), {} (worst)", behind.get(25), behind.get(49));
    assertThat(behind.get(25)).isLessThan(Duration.ofMillis(100));
  }

  @Test
  void whatOtherServicesWriteOrDeleteIsSeenToo() throws IOException {
    awaitKept();
    String key = "cache:profile:" + ann.userId();
    JsonObject foreign = onReader.get(ann.profilePath()).json().getJsonObject("profile");
    redis.probe().ask("SET", key, foreign.copy().put("first_name", "v77").encode(), "EX", "300");
    await().atMost(Duration.ofSeconds(2)).until(() -> version(onReader) == 77);
    redis.probe().ask("DEL", key);
    await().atMost(Duration.ofSeconds(2)).until(() -> version(onReader) == 0);
    awaitKept();
    redis.probe().ask("FLUSHALL");
    redis.probe().ask("SET", key, foreign.copy().put("first_name", "v78").encode(), "EX", "300");
    await().atMost(Duration.ofSeconds(2)).until(() -> version(onReader) == 78);
  }

  @Test
  void nothingOldIsServedAfterACutWasHealed() {
    updatesWhile(proxy::cut);
  }

  @Test
  void nothingOldIsServedAfterABlackHoleWasHealed() {
    updatesWhile(proxy::blackHole);
  }

  /** 200 updates and at least two seconds without a link, reading all the time, and then healed. */
  private void updatesWhile(Runnable fault) {
    awaitKept();
    var stop = new AtomicBoolean();
    CompletableFuture<Duration> reads = CompletableFuture.supplyAsync(() -> readUntil(stop));
    fault.run();
    long begun = System.nanoTime();
    int last = 0;
    while (last < UPDATES || System.nanoTime() - begun < Duration.ofSeconds(2).toNanos()) {
      last = write();
    }
    proxy.heal();
    long healed = System.nanoTime();
    int readsAfter = 0;
    while (System.nanoTime() - healed < Duration.ofSeconds(6).toNanos()) {
      assertThat(version(onReader)).isEqualTo(last);
      readsAfter++;
    }
    awaitKept();
    assertThat(version(onReader)).isEqualTo(last);
    stop.set(true);
    Duration behind = reads.join();
    LOG.info(
        "{} updates, behind at most {}, old of {} reads after healing: 0",
        last,
        behind,
        readsAfter);
    assertThat(behind).isLessThan(BEHIND_AT_MOST);
  }

  /** Reads all the time, and tells the longest time for which an answer had been old. */
  private Duration readUntil(AtomicBoolean stop) {
    Duration worst = Duration.ZERO;
    while (!stop.get()) {
      long asked = System.nanoTime();
      int seen = version(onReader);
      if (seen + 1 < acknowledgedAt.size()) {
        Duration old = Duration.ofNanos(asked - acknowledgedAt.get(seen + 1));
        worst = old.compareTo(worst) > 0 ? old : worst;
      }
    }
    return worst;
  }

  /** Writes the next version and gives it. */
  private int write() {
    int version = acknowledgedAt.size();
    Answer written =
        onWriter.put(ann.profilePath(), new JsonObject().put("first_name", "v" + version));
    assertThat(written.status()).as(written.text()).isEqualTo(200);
    acknowledgedAt.add(System.nanoTime());
    return version;
  }

  private Duration sinceAcknowledged(int version) {
    return Duration.ofNanos(System.nanoTime() - acknowledgedAt.get(version));
  }

  private int version(ApiClient node) {
    Answer answer = node.get(ann.profilePath());
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    String name = answer.json().getJsonObject("profile").getString("first_name");
    return Integer.parseInt(name.substring(1));
  }

  private void readUntilHit(ApiClient node) {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> node.get(ann.profilePath()).json().getBoolean("cached"));
  }

  /** Waits until the reader answers from memory. */
  private void awaitKept() {
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              double before = hitsInMemory();
              onReader.get(ann.profilePath());
              return hitsInMemory() > before;
            });
  }

  private static double hitsInMemory() {
    return reader
        .api()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("torii_cache_reads_total"))
        .filter(line -> line.contains("level=\"l1\"") && line.contains("outcome=\"hit\""))
        .filter(line -> line.contains("cache=\"profiles\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
