package dev.torii.profiles;

import dev.torii.bus.Done;
import dev.torii.cache.EntryCache;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.postgres.Database;
import dev.torii.profiles.ProfilesApi.DropCached;
import dev.torii.profiles.ProfilesApi.GetProfile;
import dev.torii.profiles.ProfilesApi.ProfileJson;
import dev.torii.profiles.ProfilesApi.UpdateProfile;
import dev.torii.redis.Keys;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.UUID;

/** Profiles behind the bus: PostgreSQL decides, the cache follows. */
final class ProfileService {
  private final Database database;
  private final EntryCache cache;
  private final Duration lateCommit;

  /**
   * @param lateCommit how long after its deadline a statement may still be committed
   */
  ProfileService(Database database, EntryCache cache, Duration lateCommit) {
    this.database = database;
    this.cache = cache;
    this.lateCommit = lateCommit;
  }

  Future<ProfileJson> get(GetProfile question) {
    UUID userId = question.userId();
    return cache.load(Keys.profile(userId), () -> find(userId)).map(json -> found(json, userId));
  }

  Future<ProfileJson> update(UpdateProfile question) {
    UUID userId = question.userId();
    return database
        .run(db -> ProfileRepository.update(db, userId, question.fields()))
        .transform(outcome -> dropped(userId, outcome))
        .map(updated -> found(updated.map(Profile::toJson).orElse(null), userId));
  }

  Future<Done> dropCached(DropCached question) {
    return cache.invalidate(Keys.profile(question.userId())).map(Done.DONE);
  }

  /** The entry goes whatever became of the write: one that timed out may still be committed. */
  private <T> Future<T> dropped(UUID userId, AsyncResult<T> outcome) {
    String key = Keys.profile(userId);
    return outcome.succeeded()
        ? cache.invalidate(key).map(outcome.result())
        : cache
            .invalidateNowAndAfter(key, lateCommit)
            .compose(done -> Future.failedFuture(outcome.cause()));
  }

  private Future<Buffer> find(UUID userId) {
    return database
        .run(db -> ProfileRepository.find(db, userId))
        .map(profile -> profile.map(Profile::toJson).orElse(null));
  }

  private static ProfileJson found(Buffer json, UUID userId) {
    if (json == null) {
      throw Failure.of(ErrorCode.NOT_FOUND, "profile " + userId);
    }
    return new ProfileJson(json);
  }
}
