package dev.torii.catalog;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/** A product as PostgreSQL has it. */
record Product(
    long id,
    String name,
    String description,
    long priceCents,
    String currency,
    String category,
    long stock,
    long version,
    Instant updatedAt) {

  /** The published form: always all fields. */
  JsonObject toJson() {
    return new JsonObject()
        .put("id", id)
        .put("name", name)
        .put("description", description)
        .put("price_cents", priceCents)
        .put("currency", currency)
        .put("category", category)
        .put("stock", stock)
        .put("version", version)
        .put("updated_at", updatedAt.toString());
  }

  Buffer toBuffer() {
    return toJson().toBuffer();
  }
}
