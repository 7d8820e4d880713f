package dev.torii.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.config.CacheOptions;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.http.CacheOutcome;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisResult;
import dev.torii.redis.Reports;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.impl.types.BulkType;
import io.vertx.redis.client.impl.types.MultiType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What memory answers in place of Redis, with the server's answers and reports in every order. */
class MemoryReadTest {
  private static final UUID ANN = UUID.randomUUID();
  private static final String KEY = Keys.profile(ANN);
  private static final Map<String, String> L1_ON = Map.of("caches.profiles.l1Entries", "100");
  private static final Buffer VALUE = Buffer.buffer("{\"v\":1}");

  private final StaleEntries stale = new StaleEntries(Duration.ofMinutes(1));
  private final Caches caches =
      new Caches(SourcedRead.CONFIG.cache(), stale, Clock.systemUTC(), new SimpleMeterRegistry());
  private Cache<UUID> cache;

  @BeforeEach
  void declare() throws ConfigException {
    cache = caches.declare(spec(L1_ON).inGroup("people"));
    Reports.begin(caches.tracking());
  }

  @Test
  void secondReadNeedsNoCallAndGivesTheSame() {
    Found first = ask(found(VALUE));
    Lookup<UUID> second = cache.lookup(ANN);
    assertThat(second.call()).isNull();
    assertThat(second.read(null)).isEqualTo(first);
    assertThat(first.json().toString()).startsWith("{\"v\":1");
    assertThat(cache.figures().readsSinceReset().get("l1"))
        .containsEntry("hit", 1L)
        .containsEntry("miss", 1L)
        .containsEntry("entries", 1L);
    assertThat(cache.figures().hits()).isEqualTo(2);
  }

  @Test
  void absenceIsKeptToo() {
    ask(found(null));
    Lookup<UUID> second = cache.lookup(ANN);
    assertThat(second.call()).isNull();
    assertThat(second.read(null).outcome()).isEqualTo(CacheOutcome.NEGATIVE);
  }

  @Test
  void answerThatComesAfterTheReportOfAChangeIsNotKept() {
    Lookup<UUID> early = cache.lookup(ANN);
    assertThat(early.call()).isNotNull();
    Reports.changed(caches.tracking(), KEY);
    assertThat(early.read(found(VALUE)).outcome()).isEqualTo(CacheOutcome.HIT);
    assertThat(isKept()).isFalse();
  }

  @Test
  void answerThatWasUnderWayThroughAGapIsNotKept() {
    Lookup<UUID> early = cache.lookup(ANN);
    Reports.gap(caches.tracking());
    early.read(found(VALUE));
    assertThat(isKept()).isFalse();
  }

  @Test
  void answerThatWasUnderWayWhileThisProcessWroteIsNotKept() {
    Lookup<UUID> early = cache.lookup(ANN);
    cache.changed(KEY);
    early.read(found(VALUE));
    assertThat(isKept()).isFalse();
  }

  @Test
  void changesOfTheEntryOrOfAGroupDropIt() {
    for (String key :
        new String[] {KEY, Keys.groupGeneration("profiles"), Keys.groupGeneration("people")}) {
      ask(found(VALUE));
      assertThat(isKept()).isTrue();
      Reports.changed(caches.tracking(), key);
      assertThat(isKept()).as(key).isFalse();
    }
    ask(found(VALUE));
    Reports.changed(caches.tracking(), Keys.groupGeneration("people2"));
    Reports.changed(caches.tracking(), Keys.profile(UUID.randomUUID()));
    assertThat(isKept()).isTrue();
  }

  @Test
  void groupThatThisProcessDropsIsGoneAtOnce() {
    ask(found(VALUE));
    caches.groupChanged("people");
    assertThat(isKept()).isFalse();
  }

  @Test
  void entryThatIsDroppedDuringTheWaveIsAMiss() {
    ask(found(VALUE));
    Lookup<UUID> second = cache.lookup(ANN);
    assertThat(second.call()).isNull();
    Reports.changed(caches.tracking(), KEY);
    assertThat(second.read(null).outcome()).isEqualTo(CacheOutcome.MISS);
  }

  @Test
  void nothingComesFromMemoryWhileRedisIsDistrusted() {
    ask(found(VALUE));
    ask(new RedisResult(null, Failure.of(ErrorCode.UNAVAILABLE, null)), UUID.randomUUID());
    assertThat(isKept()).isFalse();
  }

  @Test
  void commandThatHadToWaitTooLongInThisProcessIsNoOutageOfRedis() {
    ask(found(VALUE));
    var busy = new RedisResult(null, Failure.of(ErrorCode.BUSY, null));
    for (int i = 0; i < 100; i++) {
      assertThat(ask(busy, UUID.randomUUID()).outcome()).isEqualTo(CacheOutcome.BYPASS);
    }
    assertThat(isKept()).isTrue();
    assertThat(caches.isBreakerOpen()).isFalse();
  }

  @Test
  void whatDoesNotBeginLikeAnEntryOfTheCacheIsAMiss() throws ConfigException {
    CacheSpec<UUID> spec = spec(Map.of()).beginningWith("{\"v\":").inGroup("people");
    Cache<UUID> formed = plain().declare(spec);
    assertThat(read(formed, found(VALUE))).isEqualTo(CacheOutcome.HIT);
    assertThat(read(formed, found(Buffer.buffer("{}")))).isEqualTo(CacheOutcome.MISS);
    assertThat(read(formed, found(Buffer.buffer("{\"w\":1}")))).isEqualTo(CacheOutcome.MISS);
    assertThat(read(formed, found(null))).isEqualTo(CacheOutcome.NEGATIVE);
  }

  @Test
  void cacheWhoseKeysHaveNoBeginningOfTheirOwnCannotBeKeptInMemory() throws ConfigException {
    CacheOptions options = ConfigBinder.of(L1_ON).caches().profiles();
    assertThatThrownBy(
            () ->
                new CacheSpec<UUID>(
                    "profiles", Keys::profile, options, ids -> Future.failedFuture("not loaded")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("caches.profiles.l1Entries");
  }

  @Test
  void withoutTheOptionNothingIsWatchedAndEveryReadAsks() throws ConfigException {
    Caches plain = plain();
    Cache<UUID> off = plain.declare(spec(Map.of()));
    Reports.begin(plain.tracking());
    off.lookup(ANN).read(found(VALUE));
    assertThat(off.lookup(ANN).call()).isNotNull();
    assertThat(off.figures().readsSinceReset()).containsOnlyKeys("redis");
    assertThat(Reports.watched(plain.tracking())).isEmpty();
  }

  private Caches plain() {
    return SourcedRead.caches(stale, new SimpleMeterRegistry());
  }

  private static CacheOutcome read(Cache<UUID> from, RedisResult answer) {
    return from.lookup(ANN).read(answer).outcome();
  }

  private Found ask(RedisResult answer) {
    return ask(answer, ANN);
  }

  private Found ask(RedisResult answer, UUID id) {
    Lookup<UUID> lookup = cache.lookup(id);
    assertThat(lookup.call()).isNotNull();
    return lookup.read(answer);
  }

  private boolean isKept() {
    return cache.lookup(ANN).call() == null;
  }

  /** An entry of the groups' present generations, or the absence of one. */
  private RedisResult found(Buffer value) {
    MultiType values = MultiType.create(3, false);
    values.add(BulkType.create(EntryForm.stamped(value, Instant.EPOCH, "1.1"), false));
    values.add(BulkType.create(Buffer.buffer("1"), false));
    values.add(BulkType.create(Buffer.buffer("1"), false));
    return new RedisResult(values, null);
  }

  private static CacheSpec<UUID> spec(Map<String, String> settings) throws ConfigException {
    CacheOptions options = ConfigBinder.of(settings).caches().profiles();
    return CacheSpec.ofUsers(
        "profiles", Keys::profile, options, ids -> Future.failedFuture("not loaded here"));
  }
}
