package dev.torii.profiles;

import dev.torii.cache.EntryCache;
import dev.torii.cache.Loaded;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.profiles.ProfilesApi.GetProfile;
import dev.torii.profiles.ProfilesApi.GetProfiles;
import dev.torii.profiles.ProfilesApi.ProfileJson;
import dev.torii.profiles.ProfilesApi.ProfileList;
import dev.torii.profiles.ProfilesApi.UpdateProfile;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Profiles behind the bus: PostgreSQL decides, the cache follows. */
final class ProfileService {
  private final Database database;
  private final EntryCache<UUID> cache;
  private final Duration lateCommit;

  /**
   * @param lateCommit how long after its deadline a statement may still be committed
   */
  ProfileService(Database database, EntryCache<UUID> cache, Duration lateCommit) {
    this.database = database;
    this.cache = cache;
    this.lateCommit = lateCommit;
  }

  Future<ProfileJson> get(GetProfile question) {
    UUID userId = question.userId();
    return cache.load(userId).map(loaded -> found(loaded, userId));
  }

  Future<ProfileJson> update(UpdateProfile question) {
    UUID userId = question.userId();
    return database
        .run(db -> ProfileRepository.update(db, userId, question.fields()))
        .transform(outcome -> dropped(userId, outcome))
        .map(
            updated -> {
              Buffer json = updated.map(Profile::toJson).orElse(null);
              return found(Loaded.fresh(json), userId);
            });
  }

  /** Many profiles through the cache, in the order asked. */
  Future<ProfileList> getAll(GetProfiles question) {
    return cache
        .getAll(question.userIds())
        .map(
            all -> {
              List<Buffer> found = new ArrayList<>();
              List<UUID> missing = new ArrayList<>();
              int hits = 0;
              for (UUID userId : question.userIds()) {
                Loaded one = all.get(userId);
                hits += one.cached() && !one.stale() ? 1 : 0;
                if (one.json() == null) {
                  missing.add(userId);
                } else {
                  found.add(one.json());
                }
              }
              return new ProfileList(found, missing, hits);
            });
  }

  /** The entry goes whatever became of the write: one that timed out may still be committed. */
  private <T> Future<T> dropped(UUID userId, AsyncResult<T> outcome) {
    return outcome.succeeded()
        ? cache.invalidate(userId).map(outcome.result())
        : cache
            .invalidateNowAndAfter(userId, lateCommit)
            .compose(done -> Future.failedFuture(outcome.cause()));
  }

  /** The source of the cache: one statement for all. */
  static Future<Map<UUID, Buffer>> load(Database database, Collection<UUID> userIds) {
    return database
        .run(db -> ProfileRepository.find(db, userIds))
        .map(found -> found.stream().collect(Collectors.toMap(Profile::userId, Profile::toJson)));
  }

  private static ProfileJson found(Loaded loaded, UUID userId) {
    if (loaded.json() == null) {
      throw Failure.of(ErrorCode.NOT_FOUND, "profile " + userId);
    }
    return new ProfileJson(loaded.json(), loaded.cached(), loaded.stale(), loaded.cachedAt());
  }
}
