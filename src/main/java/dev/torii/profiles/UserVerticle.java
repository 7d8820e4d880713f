package dev.torii.profiles;

import dev.torii.bus.Bus;
import dev.torii.cache.CacheSpec;
import dev.torii.cache.Caches;
import dev.torii.cache.EntryCache;
import dev.torii.config.AppConfig;
import dev.torii.postgres.Database;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.RedisApi;
import dev.torii.redis.RedisClient;
import dev.torii.writebehind.WriteBehind;
import dev.torii.writebehind.WriteQueue;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Answers for users' own data on the bus. */
public final class UserVerticle extends VerticleBase {
  private final Bus bus;
  private final Database database;
  private final WriteBehind writes;
  private final AppConfig config;
  private final Caches caches;
  private Prewarm prewarm;

  public UserVerticle(
      Bus bus, Database database, WriteBehind writes, AppConfig config, Caches caches) {
    this.bus = bus;
    this.database = database;
    this.writes = writes;
    this.config = config;
    this.caches = caches;
  }

  @Override
  public Future<?> start() {
    var redis = new RedisClient(vertx, bus, config.redis().coalesce());
    WriteQueue queue = writes.queue(vertx, redis);
    EntryCache<UUID> profileCache =
        cache(
            redis,
            CacheSpec.ofUsers(
                "profiles",
                Keys::profile,
                config.caches().profiles(),
                userIds -> ProfileService.load(database, userIds)));
    EntryCache<UUID> settingsCache =
        cache(
            redis,
            CacheSpec.ofUsers(
                    "settings",
                    Keys::settings,
                    config.caches().settings(),
                    userIds -> database.run(db -> SettingsRepository.find(db, userIds)))
                .beginningWith("{\"settings\":"));
    EntryCache<UUID> preferencesCache =
        cache(
            redis,
            CacheSpec.ofUsers(
                    "preferences",
                    Keys::preferences,
                    config.caches().preferences(),
                    userIds -> PreferencesService.load(database, queue, userIds))
                .beginningWith("{\"preferences\":"));
    answerForProfiles(profileCache);
    answerForDocuments(settingsCache, preferencesCache, queue);
    dropStaleEntriesOf(List.of(profileCache, settingsCache, preferencesCache));
    prewarm = new Prewarm(vertx, database, profileCache, config.cache());
    bus.listen(ProfilesApi.WARM_UP, ready -> prewarm.start());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    prewarm.stop();
    return Future.succeededFuture();
  }

  private EntryCache<UUID> cache(RedisClient redis, CacheSpec<UUID> spec) {
    return new EntryCache<>(vertx, redis, caches, spec);
  }

  private void answerForProfiles(EntryCache<UUID> cache) {
    var profiles = new ProfileService(database, cache, lateCommit());
    bus.answer(UserVerticle.class, ProfilesApi.GET, profiles::get);
    bus.answer(UserVerticle.class, ProfilesApi.GET_ALL, profiles::getAll);
    bus.answer(UserVerticle.class, ProfilesApi.UPDATE, profiles::update);
  }

  private void answerForDocuments(
      EntryCache<UUID> settingsCache, EntryCache<UUID> preferencesCache, WriteQueue queue) {
    var settings = new SettingsService(database, settingsCache, lateCommit());
    bus.answer(UserVerticle.class, ProfilesApi.GET_SETTINGS, settings::get);
    bus.answer(UserVerticle.class, ProfilesApi.PUT_SETTINGS, settings::put);
    writes.register(PreferencesService.KIND, PreferencesRepository::write);
    var preferences = new PreferencesService(preferencesCache, queue, database);
    bus.answer(UserVerticle.class, ProfilesApi.GET_PREFERENCES, preferences::get);
    bus.answer(UserVerticle.class, ProfilesApi.PUT_PREFERENCES, preferences::put);
  }

  private void dropStaleEntriesOf(List<EntryCache<UUID>> all) {
    bus.listen(
        RedisApi.LINK_UP,
        link -> {
          if (link.areas().contains(Area.CACHE)) {
            caches.stale().distrustAll();
            all.forEach(EntryCache::dropStaleEntries);
          }
        });
  }

  /** How long after its deadline a statement may still be committed. */
  private Duration lateCommit() {
    return config.pg().statementTimeout();
  }
}
