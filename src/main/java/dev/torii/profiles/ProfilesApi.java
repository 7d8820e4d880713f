package dev.torii.profiles;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.UUID;

/** What other packages may know about profiles: addresses and messages, nothing else. */
public final class ProfilesApi {
  public static final Address<GetProfile, ProfileJson> GET =
      new Address<>("profiles.get", GetProfile.class, ProfileJson.class);

  public static final Address<UpdateProfile, ProfileJson> UPDATE =
      new Address<>("profiles.update", UpdateProfile.class, ProfileJson.class);

  /** Drops the cached profile of a user. */
  public static final Address<DropCached, Done> DROP_CACHED =
      new Address<>("profiles.drop-cached", DropCached.class, Done.class);

  private ProfilesApi() {}

  /** Asks for a profile that was not found in the cache. */
  public record GetProfile(UUID userId) implements BusMessage {}

  /**
   * Changes some fields.
   *
   * @param fields new values by the names of the contract; a null value clears the field
   */
  public record UpdateProfile(UUID userId, Map<String, String> fields) implements BusMessage {}

  /** Names the user whose cached profile is to be dropped. */
  public record DropCached(UUID userId) implements BusMessage {}

  /**
   * A profile as the bytes that clients and the cache see.
   *
   * @param cached whether a cache knew it
   * @param stale whether it is past its life, because PostgreSQL is away or slow
   * @param cachedAt null when it does not come from a cache or does not say
   */
  public record ProfileJson(Buffer json, boolean cached, boolean stale, String cachedAt)
      implements BusMessage {}
}
