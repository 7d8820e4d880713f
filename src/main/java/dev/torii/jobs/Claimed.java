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
  JobChange begins() {
    return new JobChange(id, type, JobState.RUNNING, attempt, owner, createdAt, at, null, null, 0);
  }

  /**
   * What an attempt has come to.
   *
   * @param handedBack whether it counts as if it had not been, whatever became of the job then
   */
  JobChange ends(Outcome outcome, boolean handedBack, Instant updatedAt, int reached) {
    int counted = handedBack ? attempt - 1 : attempt;
    return new JobChange(
        id,
        type,
        outcome.state(),
        counted,
        owner,
        createdAt,
        updatedAt,
        outcome.result(),
        outcome.fault(),
        reached);
  }
}
