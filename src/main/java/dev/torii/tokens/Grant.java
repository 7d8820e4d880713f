package dev.torii.tokens;

import dev.torii.http.Caller.Role;
import java.time.Instant;
import java.util.UUID;

/**
 * All that a pair of tokens is made of: one link in the chain of a session.
 *
 * <p>Equal grants give equal bytes, so a pair can be given out again although no token is kept.
 * Instants are whole seconds, as in the tokens.
 *
 * @param generation 1 for the pair of the login
 */
public record Grant(
    UUID userId,
    UUID sessionId,
    int generation,
    UUID accessJti,
    UUID refreshJti,
    Role role,
    String kid,
    Instant issuedAt,
    Instant accessExpiresAt,
    Instant refreshExpiresAt) {}
