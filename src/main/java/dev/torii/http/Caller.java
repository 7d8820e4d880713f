package dev.torii.http;

import java.util.UUID;

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
    USER,
    ADMIN
  }

  public boolean isAdmin() {
    return role == Role.ADMIN;
  }

  /** Whether this caller may see and change what belongs to {@code owner}. */
  public boolean mayActFor(UUID owner) {
    return isAdmin() || userId.equals(owner);
  }
}
