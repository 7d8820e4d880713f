package dev.torii.jobs;

import dev.torii.jobs.JobsApi.Job;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.UUID;

/**
 * What is answered to who asks for a job again and again.
 *
 * @param attempt 0 before the first
 * @param progress 0-100
 * @param message null for none
 * @param stage null for none
 * @param updatedAt null when nobody has said
 * @param result of any JSON; null unless it has succeeded
 * @param error null unless it, or its last attempt, did not succeed
 */
record JobStatus(
    UUID id,
    JobState state,
    String type,
    int attempt,
    int progress,
    String message,
    String stage,
    Instant updatedAt,
    Object result,
    JsonObject error) {

  /** As Redis says, which has no result. */
  static JobStatus of(UUID id, RedisStatus redis) {
    RedisStatus.Status status = redis.status();
    RedisStatus.Progress progress = ofAttempt(redis.progress(), status.attempt());
    return new JobStatus(
        id,
        status.state(),
        status.type(),
        status.attempt(),
        percent(status.state(), progress),
        progress == null ? null : progress.message(),
        progress == null ? null : progress.stage(),
        updatedAt(redis),
        null,
        null);
  }

  /** As the ledger says, and Redis of its progress. */
  static JobStatus of(Job job, RedisStatus redis) {
    RedisStatus.Progress progress = ofAttempt(redis.progress(), job.attempt());
    boolean newer =
        progress != null
            && job.state() == JobState.RUNNING
            && progress.updatedAt().isAfter(job.updatedAt());
    return new JobStatus(
        job.id(),
        job.state(),
        job.type(),
        job.attempt(),
        percent(job.state(), progress),
        progress == null ? null : progress.message(),
        progress == null ? null : progress.stage(),
        newer ? progress.updatedAt() : job.updatedAt(),
        job.state() == JobState.SUCCEEDED && job.result() == null ? new JsonObject() : job.result(),
        job.error());
  }

  /** When Redis was last told of the job. */
  static Instant updatedAt(RedisStatus redis) {
    Instant changed = redis.status().updatedAt();
    RedisStatus.Progress progress = ofAttempt(redis.progress(), redis.status().attempt());
    boolean newer =
        progress != null
            && redis.status().state() == JobState.RUNNING
            && progress.updatedAt().isAfter(changed);
    return newer ? progress.updatedAt() : changed;
  }

  /** Null when it tells of another attempt. */
  private static RedisStatus.Progress ofAttempt(RedisStatus.Progress progress, int attempt) {
    boolean other = progress != null && progress.attempt() != 0 && progress.attempt() != attempt;
    return other ? null : progress;
  }

  private static int percent(JobState state, RedisStatus.Progress progress) {
    return switch (state) {
      case SUCCEEDED -> 100;
      case SCHEDULED, QUEUED -> 0;
      default -> progress == null ? 0 : progress.percent();
    };
  }

  JsonObject json() {
    JsonObject json =
        new JsonObject()
            .put("job_id", id.toString())
            .put("status", state.spelling())
            .put("type", type)
            .put("attempt", attempt)
            .put("progress", progress)
            .put("message", message)
            .put("stage", stage)
            .put("updated_at", JobJson.time(updatedAt));
    if (result != null) {
      json.put("result", result);
    }
    return error == null ? json : json.put("error", error);
  }
}
