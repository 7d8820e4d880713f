package dev.torii.jobs;

import dev.torii.http.Exchange;
import dev.torii.jobs.JobsApi.NewJob;
import dev.torii.jobs.JobsApi.Place;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

/** The form in which a job is handed in, held against the contract before. */
final class JobForm {
  private JobForm() {}

  /**
   * Reads one.
   *
   * @param idempotencyKey null for none
   */
  static NewJob read(Exchange exchange, JsonObject form, String idempotencyKey) {
    Long uniqueSeconds = form.getLong("unique_seconds");
    return new NewJob(
        null,
        form.getString("type"),
        form.getJsonObject("payload", new JsonObject()),
        form.getInteger("priority", 0),
        Optional.ofNullable(form.getString("run_at"))
            .map(OffsetDateTime::parse)
            .map(OffsetDateTime::toInstant)
            .orElse(null),
        form.getInteger("max_attempts"),
        Optional.ofNullable(form.getString("user_id"))
            .map(UUID::fromString)
            .orElseGet(() -> exchange.caller().userId()),
        idempotencyKey,
        form.getString("unique_key"),
        uniqueSeconds == null ? null : Duration.ofSeconds(uniqueSeconds),
        exchange.caller().userId());
  }

  /** What became of one. */
  static JsonObject answer(Place place) {
    return new JsonObject()
        .put("job_id", place.id().toString())
        .put("status", place.state().spelling())
        .put("status_url", statusUrl(place.id()));
  }

  static String statusUrl(UUID id) {
    return "/status/" + id;
  }
}
