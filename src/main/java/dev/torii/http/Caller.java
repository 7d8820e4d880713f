package dev.torii.http;

import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Who makes an authenticated request, as its verified token says.
 *
 * @param tokenId the token's {@code jti}
 * @param expiresAtEpochSecond when the token ends
 */
public record Caller(
    UUID userId, UUID sessionId, UUID tokenId, Role role, long expiresAtEpochSecond) {

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

  /** Whether this caller may see and change what belongs to {@code owner}. */
  public boolean mayActFor(UUID owner) {
    return isAdmin() || userId.equals(owner);
  }
}
