package dev.torii.profiles;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Topic;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What other packages may know about profiles: addresses and messages, nothing else. */
public final class ProfilesApi {
  public static final Address<GetProfile, ProfileJson> GET =
      new Address<>("profiles.get", GetProfile.class, ProfileJson.class);

  public static final Address<UpdateProfile, ProfileJson> UPDATE =
      new Address<>("profiles.update", UpdateProfile.class, ProfileJson.class);

  /** Reads many profiles. */
  public static final Address<GetProfiles, ProfileList> GET_ALL =
      new Address<>("profiles.get-all", GetProfiles.class, ProfileList.class);

  public static final Address<GetDocument, DocumentJson> GET_SETTINGS =
      new Address<>("profiles.get-settings", GetDocument.class, DocumentJson.class);

  public static final Address<PutDocument, DocumentJson> PUT_SETTINGS =
      new Address<>("profiles.put-settings", PutDocument.class, DocumentJson.class);

  public static final Address<GetDocument, DocumentJson> GET_PREFERENCES =
      new Address<>("profiles.get-preferences", GetDocument.class, DocumentJson.class);

  public static final Address<PutDocument, Accepted> PUT_PREFERENCES =
      new Address<>("profiles.put-preferences", PutDocument.class, Accepted.class);

  /** The process is ready: profiles that will be asked for soon may be loaded now. */
  public static final Topic<WarmUp> WARM_UP = new Topic<>("profiles.warm-up", WarmUp.class);

  private ProfilesApi() {}

  /** Asks for a profile that was not found in the cache. */
  public record GetProfile(UUID userId) implements BusMessage {}

  /**
   * Changes some fields.
   *
   * @param fields new values by the names of the contract; a null value clears the field
   */
  public record UpdateProfile(UUID userId, Map<String, String> fields) implements BusMessage {}

  /**
   * A profile as the bytes that clients and the cache see.
   *
   * @param cached whether a cache knew it
   * @param stale whether it is past its life, because PostgreSQL is away or slow
   * @param cachedAt null when it does not come from a cache or does not say
   */
  public record ProfileJson(Buffer json, boolean cached, boolean stale, String cachedAt)
      implements BusMessage {}

  /** Asks for the profiles of different users. */
  public record GetProfiles(List<UUID> userIds) implements BusMessage {}

  /**
   * Profiles in the order in which they were asked for.
   *
   * @param json those that exist
   * @param missing users that do not
   * @param hits how many the cache knew of, as missing or not, and not past their life
   */
  public record ProfileList(List<Buffer> json, List<UUID> missing, int hits)
      implements BusMessage {}

  /** Asks for a document that was not found in the cache. */
  public record GetDocument(UUID userId) implements BusMessage {}

  /**
   * Replaces a document.
   *
   * @param json the new one, compact
   * @param ofCaller whether the caller is that user, who then must exist
   */
  public record PutDocument(UUID userId, String json, boolean ofCaller) implements BusMessage {}

  /**
   * A document with what belongs to it, as the bytes that clients and the cache see.
   *
   * @param cached whether a cache knew it
   * @param stale whether there may be a later one, because PostgreSQL is away or slow, or Redis
   *     cannot tell what waits in it
   */
  public record DocumentJson(Buffer json, boolean cached, boolean stale) implements BusMessage {}

  /**
   * A write that is safe and will be applied.
   *
   * @param version order of acceptance
   */
  public record Accepted(long version) implements BusMessage {}

  /** Says nothing more. */
  public record WarmUp() implements BusMessage {}
}
