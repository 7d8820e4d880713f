package dev.torii.jobs;

import java.time.Instant;
import java.util.UUID;

/**
 * A job that this process has a lease on.
 *
 * @param at when it was claimed, by the database's clock
 * @param failures JSON of those before, or null
 * @param claims how often it was claimed until now, this time included: what fences its writes
 */
record Claimed(
    UUID id,
    String type,
    int priority,
    Instant runAt,
    String payload,
    UUID owner,
    int attempt,
    int maxAttempts,
    Instant createdAt,
    Instant at,
    String failures,
    int claims) {
  JobChange change(JobState state, Instant updatedAt, String result, JobFault fault, int reached) {
    return new JobChange(
        id, type, state, attempt, owner, createdAt, updatedAt, result, fault, reached);
  }
}
