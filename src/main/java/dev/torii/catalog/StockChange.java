package dev.torii.catalog;

import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A stock as it is from a moment on.
 *
 * @param deleted whether the product is no longer there
 */
record StockChange(long productId, long stock, long version, boolean deleted, Instant changedAt) {
  /** The published form, which the history adds an id to. */
  JsonObject toJson() {
    var json =
        new JsonObject()
            .put("product_id", productId)
            .put("stock", stock)
            .put("timestamp", seconds(changedAt))
            .put("version", version);
    return deleted ? json.put("deleted", true) : json;
  }

  /** A decimal number rather than a double, which would be written with an exponent. */
  private static BigDecimal seconds(Instant time) {
    return BigDecimal.valueOf(ChronoUnit.MICROS.between(Instant.EPOCH, time), 6);
  }
}
