package dev.torii.auth;

import dev.torii.http.Caller.Role;
import dev.torii.tokens.Grant;
import java.time.Instant;
import java.util.UUID;

/**
 * One refresh token's place in the chain of its session.
 *
 * @param role what the account is now
 * @param closed whether the session was ended, the account disabled, or the key retired that signed
 *     the token
 * @param spentAt null while the token is the newest of its session
 * @param notBefore tokens of this second or before are not accepted, null when all are
 * @param next what came after it, null when nothing did
 */
record Link(
    UUID sessionId,
    UUID userId,
    int generation,
    Instant createdAt,
    String ip,
    String userAgent,
    Role role,
    Instant expiresAt,
    Instant absoluteExpiresAt,
    boolean closed,
    Instant spentAt,
    boolean nextSpent,
    Instant notBefore,
    Grant next) {

  boolean isAlive(Instant now) {
    return !closed && now.isBefore(expiresAt);
  }
}
