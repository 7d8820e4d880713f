package dev.torii.jobs;

import dev.torii.jobs.JobAdminApi.LogLine;
import dev.torii.jobs.JobsApi.Job;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/** Jobs as answers spell them. */
final class JobJson {
  private JobJson() {}

  /** What lists show. */
  static JsonObject brief(Job job) {
    return new JsonObject()
        .put("job_id", job.id().toString())
        .put("type", job.type())
        .put("status", job.state().spelling())
        .put("priority", job.priority())
        .put("user_id", job.owner().toString())
        .put("attempt", job.attempt())
        .put("max_attempts", job.maxAttempts())
        .put("run_at", time(job.runAt()))
        .put("created_at", time(job.createdAt()))
        .put("updated_at", time(job.updatedAt()))
        .put("started_at", time(job.startedAt()))
        .put("finished_at", time(job.finishedAt()))
        .put("cancel_reason", job.cancelReason())
        .put("error", job.error());
  }

  /** All that is known of a job. */
  static JsonObject whole(Job job, JsonObject progress, List<LogLine> log) {
    JsonArray lines = new JsonArray();
    log.forEach(line -> lines.add(json(line)));
    return brief(job)
        .put("payload", job.payload())
        .put("result", job.result())
        .put("failures", job.failures())
        .put("progress", progress)
        .put("log", lines);
  }

  private static JsonObject json(LogLine line) {
    return new JsonObject()
        .put("attempt", line.attempt())
        .put("at", time(line.at()))
        .put("message", line.message());
  }

  /** Null for none. */
  static String time(Instant at) {
    return at == null ? null : at.toString();
  }
}
