package dev.torii.jobs;

import dev.torii.failure.FieldError;
import dev.torii.http.BodySchema;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * A type that this process knows.
 *
 * @param options with what the configuration says
 */
record JobType(String name, JobHandler handler, JobOptions options, BodySchema schema) {
  /** What is wrong with a payload, by pointers into it. */
  List<FieldError> faults(JsonObject payload) {
    return schema.check(payload);
  }
}
