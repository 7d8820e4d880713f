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

  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_TEXT = 2_000;
  private static final int MOST_BYTES = 4_096;

  /** Results are as large as any client of Celery may make them; these can be shown. */
  private static final int MOST_RESULT_BYTES = 1_000_000;

  /**
   * Where a job stands.
   *
   * @param owner whose it is
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

  /** Reads the answers to three calls; null for one that was not made. */
  static RedisStatus of(UUID id, RedisResult status, RedisResult progress, RedisResult celery) {
    return new RedisStatus(
        status(id, object(status, MOST_BYTES)),
        progress(object(progress, MOST_BYTES)),
        object(celery, MOST_RESULT_BYTES));
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

  private static Status status(UUID id, JsonObject json) {
    try {
      return json == null || !id.toString().equals(json.getString("job_id"))
          ? null
          : new Status(
              text(json.getString("type"), LONGEST_NAME),
              JobState.of(json.getString("status")),
              json.getInteger("attempt"),
              UUID.fromString(json.getString("owner")),
              Instant.parse(json.getString("updated_at")));
    } catch (RuntimeException e) {
      return null; // not as we write it
    }
  }

  private static Progress progress(JsonObject json) {
    try {
      return json == null
          ? null
          : new Progress(
              json.getInteger("attempt", 0),
              Math.max(0, Math.min(100, json.getInteger("progress"))),
              cut(json.getString("stage"), LONGEST_NAME),
              cut(json.getString("message"), LONGEST_TEXT),
              Instant.parse(json.getString("updated_at")));
    } catch (RuntimeException e) {
      return null; // not as we write it
    }
  }

  private static String text(String text, int longest) {
    if (text.length() > longest) {
      throw new IllegalArgumentException("too long");
    }
    return text;
  }

  private static String cut(String text, int longest) {
    return text == null || text.length() <= longest ? text : text.substring(0, longest);
  }
}
