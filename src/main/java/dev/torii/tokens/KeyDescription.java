package dev.torii.tokens;

import java.time.Instant;

/**
 * What may be told of a signing key; never its private half.
 *
 * @param createdAt null for a key of the operator's file, as are all other times
 * @param signsUntil when a newer key signs; null while none is known
 * @param verifiesUntil when the last token that it signed has ended; null while that is not known
 * @param retiredAt null while it is in use
 */
public record KeyDescription(
    String kid,
    KeyState state,
    Instant createdAt,
    Instant signsFrom,
    Instant signsUntil,
    Instant verifiesUntil,
    Instant retiredAt) {}
