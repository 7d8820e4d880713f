package dev.torii.audit;

import java.time.Instant;
import java.util.UUID;

/**
 * Which entries are asked for; what is null does not matter.
 *
 * @param action exactly this one, or all that begin with what stands before a final {@code *}
 * @param actorId a user or an API key
 * @param subject exactly this one
 * @param since the earliest time
 * @param until the first time that is too late
 */
public record AuditFilter(
    String action, UUID actorId, String subject, Instant since, Instant until) {}
