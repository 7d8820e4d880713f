package dev.torii.jobs;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What is written to Redis of jobs. Nothing older ever replaces what is newer, so each call can be
 * repeated, and be made by several processes in any order.
 */
final class JobNewsCalls {
  /** How long the state and the result of a job are kept. */
  static final Duration KEPT = Duration.ofHours(24);

  private static final Duration PROGRESS_KEPT = Duration.ofHours(1);

  private static final LuaScript STATUS = LuaScript.load("job-status");
  private static final LuaScript PROGRESS = LuaScript.load("job-progress");
  private static final LuaScript RESULT = LuaScript.load("celery-result");

  private JobNewsCalls() {}

  /**
   * @param life at least 1 s
   */
  static RedisCall status(JobChange job, Duration life) {
    String key = Keys.jobStatus(job.id());
    String json = JobNewsJson.status(job);
    if (job.state() == JobState.SUCCEEDED) { // nothing follows
      return RedisCall.of(Area.JOBS, Command.SETEX, key, life.toSeconds(), json);
    }
    if (isNew(job)) { // nothing is before
      return RedisCall.of(Area.JOBS, Command.SET, key, json, "EX", life.toSeconds(), "NX");
    }
    return RedisCall.script(
        Area.JOBS,
        STATUS,
        List.of(key),
        json,
        life.toSeconds(),
        job.attempt(),
        job.state().isFinal() ? 1 : 0,
        JobNewsJson.time(job.updatedAt()),
        JobNewsJson.time(latest(job)));
  }

  /** What is later than this was not told by the ledger, whose clock may be ahead of this one. */
  private static Instant latest(JobChange job) {
    Instant now = Instant.now();
    return ToldTime.latest(now.isAfter(job.updatedAt()) ? now : job.updatedAt());
  }

  static RedisCall progress(UUID id, JobProgress progress) {
    return RedisCall.script(
        Area.PROGRESS,
        PROGRESS,
        List.of(Keys.jobProgress(id)),
        JobNewsJson.progress(progress),
        PROGRESS_KEPT.toSeconds(),
        progress.attempt(),
        progress.percent());
  }

  /** The attempt counts as if it had not been. */
  static RedisCall forgetProgress(UUID id) {
    return RedisCall.of(Area.PROGRESS, Command.DEL, Keys.jobProgress(id));
  }

  static RedisCall readProgress(UUID id) {
    return RedisCall.of(Area.PROGRESS, Command.GET, Keys.jobProgress(id));
  }

  /**
   * @param life at least 1 s
   */
  static RedisCall result(UUID id, CeleryResult result, Duration life) {
    return RedisCall.script(
        Area.RESULTS,
        RESULT,
        List.of(Keys.celeryResult(id)),
        result.body(),
        life.toSeconds(),
        result.retries(),
        result.ends() ? 1 : 0,
        result.updatedAt());
  }

  /** Whether nothing has become of the job since it was handed in. */
  static boolean isNew(JobChange job) {
    return job.attempt() == 0
        && job.createdAt().equals(job.updatedAt())
        && (job.state() == JobState.QUEUED || job.state() == JobState.SCHEDULED);
  }
}
