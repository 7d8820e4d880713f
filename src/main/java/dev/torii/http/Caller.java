package dev.torii.http;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Who makes an authenticated request, as its verified token or API key says.
 *
 * @param userId the user; for a service the id of its API key
 * @param sessionId null for a service
 * @param tokenId the token's {@code jti}; for a service the id of its API key
 * @param expiresAtEpochSecond when the token or key ends
 * @param scopes what a service may do; empty for users, whose role says it
 */
public record Caller(
    UUID userId,
    UUID sessionId,
    UUID tokenId,
    Role role,
    long expiresAtEpochSecond,
    Set<Scope> scopes) {

  public Caller {
    scopes = Set.copyOf(scopes);
  }

  /** A user with an access token. */
  public Caller(UUID userId, UUID sessionId, UUID tokenId, Role role, long expiresAtEpochSecond) {
    this(userId, sessionId, tokenId, role, expiresAtEpochSecond, Set.of());
  }

  /** A service with an API key. */
  public static Caller service(UUID keyId, Set<Scope> scopes, long expiresAtEpochSecond) {
    return new Caller(keyId, null, keyId, Role.SERVICE, expiresAtEpochSecond, scopes);
  }

  /** What a caller may do. */
  public enum Role {
    USER("user"),
    ADMIN("admin"),
    /** A program with an API key; never an account's. */
    SERVICE("service");

    private final String spelling;

    Role(String spelling) {
      this.spelling = spelling;
    }

    /** Spelling in tokens, in the database and in answers. */
    public String spelling() {
      return spelling;
    }

    /** The role of that exact spelling. */
    public static Optional<Role> parse(Object spelling) {
      return Stream.of(values()).filter(role -> role.spelling.equals(spelling)).findFirst();
    }
  }

  public boolean isAdmin() {
    return role == Role.ADMIN;
  }

  public boolean isService() {
    return role == Role.SERVICE;
  }

  /**
   * Whether this caller may see and change what belongs to {@code owner}; a service owns nothing.
   */
  public boolean mayActFor(UUID owner) {
    return isAdmin() || (!isService() && userId.equals(owner));
  }
}
