package dev.torii.profiles;

import dev.torii.cache.EntryCache;
import dev.torii.cache.Loaded;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.profiles.ProfilesApi.DocumentJson;
import dev.torii.profiles.ProfilesApi.GetDocument;
import dev.torii.profiles.ProfilesApi.PutDocument;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.UUID;

/** Settings behind the bus: written through the cache into PostgreSQL. */
final class SettingsService {
  private final Database database;
  private final EntryCache<UUID> cache;
  private final Duration lateCommit;

  /**
   * @param lateCommit how long after its deadline a statement may still be committed
   */
  SettingsService(Database database, EntryCache<UUID> cache, Duration lateCommit) {
    this.database = database;
    this.cache = cache;
    this.lateCommit = lateCommit;
  }

  Future<DocumentJson> get(GetDocument question) {
    return cache.load(question.userId()).map(loaded -> document(loaded, question.userId()));
  }

  Future<DocumentJson> put(PutDocument question) {
    UUID userId = question.userId();
    return cache
        .writeThrough(
            userId,
            () -> database.run(db -> SettingsRepository.put(db, userId, question.json())),
            lateCommit)
        .map(stored -> document(new Loaded(stored, false, false, null), userId));
  }

  static DocumentJson document(Loaded loaded, UUID userId) {
    if (loaded.json() == null) {
      throw Failure.of(ErrorCode.NOT_FOUND, "user " + userId);
    }
    return new DocumentJson(loaded.json(), loaded.cached(), loaded.stale());
  }
}
