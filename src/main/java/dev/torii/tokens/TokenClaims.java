package dev.torii.tokens;

import dev.torii.http.Caller.Role;
import java.util.UUID;

/**
 * What a verified token says. Times are epoch seconds.
 *
 * @param role null for a refresh token
 * @param kid the key that signed it
 */
public record TokenClaims(
    UUID userId, UUID sessionId, UUID jti, Role role, long issuedAt, long expiresAt, String kid) {}
