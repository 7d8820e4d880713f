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
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.util.UUID;

/** Profiles behind the bus: PostgreSQL decides, the cache follows. */
final class ProfileService {
  private final Database database;
  private final EntryCache cache;
  private final Clock clock;

  ProfileService(Database database, EntryCache cache, Clock clock) {
    this.database = database;
    this.cache = cache;
    this.clock = clock;
  }

  Future<ProfileJson> get(GetProfile question) {
    UUID userId = question.userId();
    return cache.load(Keys.profile(userId), () -> find(userId)).map(json -> found(json, userId));
  }

  Future<ProfileJson> update(UpdateProfile question) {
    UUID userId = question.userId();
    return database
        .run(db -> ProfileRepository.update(db, userId, question.fields()))
        .map(updated -> found(updated.map(p -> p.toJson(clock.instant())).orElse(null), userId))
        .compose(answer -> cache.invalidate(Keys.profile(userId)).map(answer));
  }

  Future<Done> dropCached(DropCached question) {
    return cache.invalidate(Keys.profile(question.userId())).map(Done.DONE);
  }

  private Future<Buffer> find(UUID userId) {
    return database
        .run(db -> ProfileRepository.find(db, userId))
        .map(profile -> profile.map(p -> p.toJson(clock.instant())).orElse(null));
  }

  private static ProfileJson found(Buffer json, UUID userId) {
    if (json == null) {
      throw Failure.of(ErrorCode.NOT_FOUND, "profile " + userId);
    }
    return new ProfileJson(json);
  }
}
