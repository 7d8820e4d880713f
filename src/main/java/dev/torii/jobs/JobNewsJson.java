package dev.torii.jobs;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/**
 * A job as it is told. What is told of each job is put together as text, for there may be many
 * thousand a second; the fields that scripts compare come first.
 */
final class JobNewsJson {
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  /** Bits of a version that tell the time since the job was made, in 16 µs: 4 years. */
  private static final int TIME_BITS = 43;

  /** What is left of the 53 bits that every reader of JSON keeps. */
  private static final int MOST_ATTEMPTS = 1023;

  private JobNewsJson() {}

  /** Text that sorts as time. */
  static String time(Instant at) {
    return MICROS.format(at);
  }

  /** Value of {@code job:status:<id>}. */
  static String status(JobChange job) {
    return "{\"attempt\":"
        + job.attempt()
        + ",\"status\":\""
        + job.state().spelling()
        + "\",\"updated_at\":\""
        + time(job.updatedAt())
        + "\",\"job_id\":\""
        + job.id()
        + "\",\"type\":\""
        + job.type()
        + "\",\"created_at\":\""
        + time(job.createdAt())
        + "\",\"owner\":\""
        + job.owner()
        + "\"}";
  }

  /** Value of {@code job:<id>:progress}. */
  static String progress(JobProgress progress) {
    return "{\"attempt\":"
        + progress.attempt()
        + ",\"progress\":"
        + progress.percent()
        + ",\"message\":"
        + text(progress.message())
        + ",\"stage\":"
        + text(progress.stage())
        + ",\"updated_at\":\""
        + time(progress.at())
        + "\"}";
  }

  /**
   * Null when it is not what {@link #progress} makes.
   *
   * @param now what is later was not told yet
   */
  static JobProgress readProgress(String json, Instant now) {
    try {
      var read = new JsonObject(json);
      int attempt = read.getInteger("attempt");
      return attempt < 0
          ? null
          : new JobProgress(
              attempt,
              read.getInteger("progress"),
              read.getString("stage"),
              read.getString("message"),
              ToldTime.parse(read.getString("updated_at"), now));
    } catch (RuntimeException e) {
      return null; // anybody may write there, and anything
    }
  }

  /**
   * What those who follow a job are told.
   *
   * @param progress the last known of its present attempt, or of one that was handed back; null for
   *     none
   */
  static JsonObject event(JobChange job, JobProgress progress) {
    Instant at = job.updatedAt();
    if (progress != null && !progress.at().isBefore(at)) {
      at =
          job.state() == JobState.RUNNING
              ? progress.at()
              : progress.at().plus(16, ChronoUnit.MICROS);
    }
    boolean succeeded = job.state() == JobState.SUCCEEDED;
    int percent = succeeded ? 100 : progress == null ? job.progress() : progress.percent();
    var event =
        new JsonObject()
            .put("job_id", job.id().toString())
            .put("type", job.type())
            .put("status", job.state().spelling())
            .put("attempt", job.attempt())
            .put("progress", percent)
            .put("message", progress == null ? null : progress.message())
            .put("stage", progress == null ? null : progress.stage())
            .put("updated_at", time(at))
            .put("version", version(job, progress, at));
    JobFault fault = job.fault();
    return fault == null
        ? event
        : event.put(
            "error", new JsonObject().put("type", fault.type()).put("message", fault.message()));
  }

  /** Grows with each attempt, also one that was handed back, and with time within; at least 1. */
  private static long version(JobChange job, JobProgress progress, Instant at) {
    int attempt = progress == null ? job.attempt() : Math.max(job.attempt(), progress.attempt());
    long age = Math.max(0, ChronoUnit.MICROS.between(job.createdAt(), at)) >> 4;
    long time = Math.min(age, (1L << TIME_BITS) - 1);
    return Math.max(1, (long) Math.min(attempt, MOST_ATTEMPTS) << TIME_BITS | time);
  }

  static String text(String text) {
    return text == null ? "null" : Json.encode(text);
  }
}
