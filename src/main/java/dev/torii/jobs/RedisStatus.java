package dev.torii.jobs;

import dev.torii.redis.RedisResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.UUID;

/**
 * What Redis says of one job. Anybody may write there, so what does not look as we write it is as
 * good as absent.
 *
 * @param status null when it is not known
 * @param progress null when it is not known
 * @param celery the result that a Celery worker, or Torii for its readers, has written; null when
 *     that is not known or was not asked
 */
record RedisStatus(Status status, Progress progress, JsonObject celery) {
  static final RedisStatus NOTHING = new RedisStatus(null, null, null);

  private static final int LONGEST_STAGE = 64;
  private static final int LONGEST_TEXT = 2_000;
  private static final int MOST_BYTES = 4_096;

  /** Results are as large as any client of Celery may make them; these can be shown. */
  private static final int MOST_RESULT_BYTES = 1_000_000;

  /**
   * Where a job stands.
   *
   * @param attempt 0 before the first
   * @param owner whose it is said to be; who may be shown the job is for the ledger to say
   */
  record Status(String type, JobState state, int attempt, UUID owner, Instant updatedAt) {}

  /**
   * How far it is.
   *
   * @param attempt of which that is told; 0 when it is not said
   * @param stage null for none
   * @param message null for none
   */
  record Progress(int attempt, int percent, String stage, String message, Instant updatedAt) {}

  /**
   * Reads the answers to three calls; null for one that was not made.
   *
   * @param now what is later was not told yet
   */
  static RedisStatus of(
      UUID id, RedisResult status, RedisResult progress, RedisResult celery, Instant now) {
    return new RedisStatus(
        status(id, object(status, MOST_BYTES), now),
        progress(object(progress, MOST_BYTES), now),
        object(celery, MOST_RESULT_BYTES));
  }

  /**
   * Without a status that names another owner: it is not of this job.
   *
   * @param owner by the ledger; null when that is not known here
   */
  RedisStatus ofOwner(UUID owner) {
    boolean another = owner != null && status != null && !status.owner.equals(owner);
    return another ? new RedisStatus(null, progress, celery) : this;
  }

  private static JsonObject object(RedisResult answer, int mostBytes) {
    if (answer == null || answer.failed() || answer.value() == null) {
      return null;
    }
    try {
      Buffer json = answer.value().toBuffer();
      return json.length() > mostBytes ? null : new JsonObject(json);
    } catch (RuntimeException e) {
      return null; // no JSON object
    }
  }

  private static Status status(UUID id, JsonObject json, Instant now) {
    try {
      return json == null || !id.toString().equals(json.getString("job_id"))
          ? null
          : new Status(
              JobTypes.requireName(json.getString("type")),
              JobState.of(json.getString("status")),
              attempt(json.getInteger("attempt")),
              UUID.fromString(json.getString("owner")),
              ToldTime.parse(json.getString("updated_at"), now));
    } catch (RuntimeException e) {
      return null; // not as we write it
    }
  }

  private static Progress progress(JsonObject json, Instant now) {
    try {
      return json == null
          ? null
          : new Progress(
              attempt(json.getInteger("attempt", 0)),
              Math.max(0, Math.min(100, json.getInteger("progress"))),
              cut(json.getString("stage"), LONGEST_STAGE),
              cut(json.getString("message"), LONGEST_TEXT),
              ToldTime.parse(json.getString("updated_at"), now));
    } catch (RuntimeException e) {
      return null; // not as we write it
    }
  }

  private static int attempt(int attempt) {
    if (attempt < 0) {
      throw new IllegalArgumentException("attempts are counted from 0");
    }
    return attempt;
  }

  private static String cut(String text, int longest) {
    return text == null || text.length() <= longest ? text : text.substring(0, longest);
  }
}
