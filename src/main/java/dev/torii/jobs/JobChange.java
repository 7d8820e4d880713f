package dev.torii.jobs;

import java.time.Instant;
import java.util.UUID;

/**
 * A change of a job that was committed.
 *
 * @param attempt 0 before the first
 * @param result JSON of a job that succeeded, else null
 * @param fault why the job, or its last attempt, has failed or was cancelled; else null
 * @param progress last known, 0-100
 */
record JobChange(
    UUID id,
    String type,
    JobState state,
    int attempt,
    UUID owner,
    Instant createdAt,
    Instant updatedAt,
    String result,
    JobFault fault,
    int progress) {}
