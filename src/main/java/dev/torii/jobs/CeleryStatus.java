package dev.torii.jobs;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.UUID;

/** The result of a Celery task, as if it were a job. */
final class CeleryStatus {
  private static final String TYPE = "celery";
  private static final String PROGRESS = "PROGRESS";

  private CeleryStatus() {}

  /** Null when Redis has nothing that a Celery worker writes. */
  static JobStatus of(UUID id, RedisStatus redis) {
    JsonObject meta = redis.celery();
    if (meta == null || !(meta.getValue("status") instanceof String celery)) {
      return null;
    }
    JobState state = state(celery);
    if (state == null) {
      return null;
    }
    RedisStatus.Progress told = redis.progress();
    JsonObject own = celery.equals(PROGRESS) ? object(meta) : new JsonObject();
    boolean failed = state == JobState.FAILED || state == JobState.CANCELLED;
    return new JobStatus(
        id,
        state,
        TYPE,
        attempt(meta),
        state == JobState.SUCCEEDED ? 100 : told == null ? percent(own) : told.percent(),
        told == null ? text(own, "message") : told.message(),
        told == null ? text(own, "stage") : told.stage(),
        told == null ? time(meta.getValue("date_done")) : told.updatedAt(),
        state == JobState.SUCCEEDED ? result(meta) : null,
        failed ? error(object(meta)) : null);
  }

  /** Null for a state that a task of somebody has made up, and that tells nothing here. */
  private static JobState state(String celery) {
    return switch (celery) {
      case "PENDING", "RECEIVED", "STARTED", PROGRESS -> JobState.RUNNING;
      case "RETRY" -> JobState.SCHEDULED;
      case "SUCCESS" -> JobState.SUCCEEDED;
      case "FAILURE" -> JobState.FAILED;
      case "REVOKED" -> JobState.CANCELLED;
      default -> null;
    };
  }

  private static int attempt(JsonObject meta) {
    Object retries = meta.getValue("retries");
    return retries instanceof Integer count && count >= 0 && count < 1_000_000 ? count + 1 : 1;
  }

  private static JsonObject object(JsonObject meta) {
    return meta.getValue("result") instanceof JsonObject found ? found : new JsonObject();
  }

  /** A task may give anything, also nothing. */
  private static Object result(JsonObject meta) {
    Object result = meta.getValue("result");
    return result == null ? new JsonObject() : result;
  }

  private static int percent(JsonObject own) {
    return own.getValue("progress") instanceof Number number
        ? Math.max(0, Math.min(100, number.intValue()))
        : 0;
  }

  private static String text(JsonObject own, String name) {
    return own.getValue(name) instanceof String text ? text : null;
  }

  /** What Celery tells of an exception, whose message may be a list of its arguments. */
  private static JsonObject error(JsonObject result) {
    Object type = result.getValue("exc_type");
    Object message = result.getValue("exc_message");
    return new JsonObject()
        .put("type", type == null ? "Exception" : type.toString())
        .put("message", message == null ? "" : message.toString());
  }

  /** Celery writes no zone when it means UTC. */
  private static Instant time(Object text) {
    try {
      return OffsetDateTime.parse(String.valueOf(text)).toInstant();
    } catch (DateTimeParseException withoutZone) {
      try {
        return LocalDateTime.parse(String.valueOf(text)).toInstant(ZoneOffset.UTC);
      } catch (DateTimeParseException none) {
        return null;
      }
    }
  }
}
