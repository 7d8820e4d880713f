package dev.torii.auth;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;
import dev.torii.http.Caller.Role;
import java.util.UUID;

/** What OAuth clients ask about tokens of others: RFC 7662 and RFC 7009. */
public final class OAuthApi {
  /** What a token is worth now; inactive for whatever is not known. */
  public static final Address<Introspect, Introspection> INTROSPECT =
      new Address<>("oauth.introspect", Introspect.class, Introspection.class);

  /** Revokes a token or API key; also done when it is not known. */
  public static final Address<RevokeToken, Done> REVOKE =
      new Address<>("oauth.revoke", RevokeToken.class, Done.class);

  private OAuthApi() {}

  /**
   * Asks about a token.
   *
   * @param hint what the client takes it for, null when it does not say
   */
  public record Introspect(String token, String hint) implements BusMessage {
    @Override
    public String toString() {
      return "Introspect[]";
    }
  }

  /** Asks to revoke a token; the hint as in {@link Introspect}. */
  public record RevokeToken(String token, String hint, Actor actor) implements BusMessage {
    @Override
    public String toString() {
      return "RevokeToken[]";
    }
  }

  /**
   * What is known of a token.
   *
   * @param details null when it is not active
   */
  public record Introspection(Details details) implements BusMessage {
    static final Introspection INACTIVE = new Introspection(null);
  }

  /**
   * An active token. Times are epoch seconds.
   *
   * @param scope what an API key is good for, null for tokens of users
   * @param username address of the user, null for an API key
   * @param role null for a refresh token
   * @param sessionId null for an API key
   */
  public record Details(
      String tokenType,
      String clientId,
      String scope,
      String username,
      Role role,
      UUID subject,
      UUID sessionId,
      UUID id,
      String issuer,
      String audience,
      long issuedAt,
      long expiresAt) {}
}
