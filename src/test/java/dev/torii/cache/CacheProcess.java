package dev.torii.cache;

import dev.torii.config.CacheConfig;
import dev.torii.config.CacheOptions;
import dev.torii.redis.Keys;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.ConnectedRedis.User;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** What one process has of a cache of users, over a database that the test holds in its hands. */
final class CacheProcess {
  static final CacheOptions OPTIONS =
      new CacheOptions(
          Duration.ofSeconds(300),
          Duration.ofSeconds(30),
          Duration.ofSeconds(3600),
          80,
          0,
          Duration.ofSeconds(10));

  final AtomicInteger queries = new AtomicInteger();
  final User user;
  final Caches caches;
  final Cache<UUID> cache;
  private final EntryCache<UUID> entries;

  /** A process whose queries are answered by {@code database}. */
  CacheProcess(
      ConnectedRedis redis, CacheOptions options, Function<UUID, Future<Buffer>> database) {
    this(redis, options, database, SourcedRead.CONFIG.cache().loadHard());
  }

  /** As the other, with a deadline of its own. */
  CacheProcess(
      ConnectedRedis redis,
      CacheOptions options,
      Function<UUID, Future<Buffer>> database,
      Duration loadHard) {
    user = redis.user();
    CacheConfig config = withEveryHitAudited(SourcedRead.CONFIG.cache(), loadHard);
    var stale = new StaleEntries(Duration.ZERO);
    caches = new Caches(config, stale, Clock.systemUTC(), new SimpleMeterRegistry());
    var spec =
        CacheSpec.ofUsers("users", Keys::profile, options, ids -> query(ids, database))
            .inGroup("people");
    entries =
        user.get(
            client ->
                Future.succeededFuture(new EntryCache<>(redis.vertx(), client, caches, spec)));
    cache = caches.named("users");
  }

  private Future<Map<UUID, Buffer>> query(
      Collection<UUID> ids, Function<UUID, Future<Buffer>> database) {
    queries.incrementAndGet();
    Map<UUID, Buffer> found = new HashMap<>();
    Future<?> all = Future.succeededFuture();
    for (UUID id : ids) {
      all =
          all.compose(before -> database.apply(id))
              .onSuccess(
                  row -> {
                    if (row != null) {
                      found.put(id, row);
                    }
                  });
    }
    return all.map(done -> found);
  }

  private static CacheConfig withEveryHitAudited(CacheConfig defaults, Duration loadHard) {
    return new CacheConfig(
        defaults.jitterPercent(),
        defaults.compressAboveBytes(),
        defaults.loadSoft(),
        loadHard,
        defaults.breakerFailures(),
        defaults.breakerOpen(),
        1_000_000,
        defaults.prewarmProfiles(),
        defaults.prewarmActive());
  }

  <T> T get(Function<EntryCache<UUID>, Future<T>> use) {
    return user.get(client -> use.apply(entries));
  }

  <T> Future<T> start(Function<EntryCache<UUID>, Future<T>> use) {
    return user.start(client -> use.apply(entries));
  }

  /** What the gate of this process finds. */
  Found look(UUID id) {
    return user.get(
        client -> {
          Lookup<UUID> lookup = cache.lookup(id);
          return client.wave(List.of(lookup.call())).map(all -> lookup.read(all.get(0)));
        });
  }

  long work(String figure) {
    return cache.figures().workSinceReset().get(figure);
  }
}
