package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import dev.torii.bus.Topic;
import dev.torii.http.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What other packages may know about API keys: addresses and messages. */
public final class ApiKeysApi {
  /** Makes a key; INVALID when it would live longer than the configuration allows. */
  public static final Address<CreateApiKey, CreatedApiKey> CREATE =
      new Address<>("api-keys.create", CreateApiKey.class, CreatedApiKey.class);

  /** A page of all keys, oldest first; INVALID when the cursor is not ours. */
  public static final Address<ListApiKeys, ApiKeyPage> LIST =
      new Address<>("api-keys.list", ListApiKeys.class, ApiKeyPage.class);

  /** Ends a key for every process; NOT_FOUND when there is none, also right when it has ended. */
  public static final Address<RevokeApiKey, Done> REVOKE =
      new Address<>("api-keys.revoke", RevokeApiKey.class, Done.class);

  /** The key of a hash; for the authenticator. */
  static final Address<FindApiKey, FoundApiKey> FIND =
      new Address<>("api-keys.find", FindApiKey.class, FoundApiKey.class);

  /** A key was used; told at most once a minute by each process. */
  static final Topic<ApiKeyUsed> USED = new Topic<>("api-keys.used", ApiKeyUsed.class);

  private ApiKeysApi() {}

  /** Asks for a key; {@code expiresInDays} 1 or more. */
  public record CreateApiKey(String name, Set<Scope> scopes, int expiresInDays, Actor actor)
      implements BusMessage {}

  /**
   * A new key.
   *
   * @param text the key itself, which nobody can tell again
   */
  public record CreatedApiKey(ApiKey key, String text) implements BusMessage {
    @Override
    public String toString() {
      return "CreatedApiKey[" + key.id() + "]";
    }
  }

  /**
   * A key without its secret.
   *
   * @param createdBy the admin, null when that account is gone
   * @param lastUsedAt to the minute, null before the first use
   * @param revokedAt null while it is not
   */
  public record ApiKey(
      UUID id,
      String name,
      Set<Scope> scopes,
      UUID createdBy,
      Instant createdAt,
      Instant expiresAt,
      Instant lastUsedAt,
      Instant revokedAt)
      implements BusMessage {

    /** Whether it is accepted, as far as its own row tells. */
    boolean isActive(Instant now) {
      return revokedAt == null && now.isBefore(expiresAt);
    }
  }

  /**
   * Asks for keys.
   *
   * @param limit 1-100
   * @param cursor where the page before ended, null for the first
   */
  public record ListApiKeys(int limit, String cursor) implements BusMessage {}

  /**
   * Some keys.
   *
   * @param nextCursor null when there are no more
   */
  public record ApiKeyPage(List<ApiKey> keys, String nextCursor) implements BusMessage {}

  /** Asks to end a key. */
  public record RevokeApiKey(UUID id, Actor actor) implements BusMessage {}

  record FindApiKey(String hash) implements BusMessage {}

  record FoundApiKey(Optional<ApiKey> key) implements BusMessage {}

  record ApiKeyUsed(UUID id, Instant at) implements BusMessage {}
}
