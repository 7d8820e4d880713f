package dev.torii.profiles;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** A user's profile as PostgreSQL has it. */
record Profile(
    UUID userId,
    String firstName,
    String lastName,
    String email,
    String phone,
    String address,
    LocalDate dateOfBirth,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {

  /** The published form: always all fields. */
  Buffer toJson() {
    return new JsonObject()
        .put("user_id", userId.toString())
        .put("first_name", firstName)
        .put("last_name", lastName)
        .put("email", email)
        .put("phone", phone)
        .put("address", address)
        .put("date_of_birth", dateOfBirth == null ? null : dateOfBirth.toString())
        .put("created_at", time(createdAt))
        .put("updated_at", time(updatedAt))
        .toBuffer();
  }

  private static String time(OffsetDateTime time) {
    return DateTimeFormatter.ISO_INSTANT.format(
        time.withOffsetSameInstant(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS));
  }
}
