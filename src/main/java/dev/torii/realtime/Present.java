package dev.torii.realtime;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The present values that those in a room are told.
 *
 * @param versions of those that have one, by key
 */
record Present(List<Delivery> deliveries, Map<String, Long> versions) {
  static final Present NONE = new Present(List.of(), Map.of());

  /**
   * Of a topic at a position. Only the last value carries it: who breaks off before that one must
   * not be taken for one who knows them all.
   *
   * @param old the place that was known before, which the others carry
   */
  static Present of(
      Feed feed, String topic, EventId old, EventId position, List<JsonObject> values) {
    if (values.isEmpty()) {
      return NONE;
    }
    List<Delivery> deliveries = new ArrayList<>(values.size());
    Map<String, Long> versions = new HashMap<>();
    for (JsonObject value : values) {
      String key = feed.keyOf().apply(value);
      boolean isLast = deliveries.size() == values.size() - 1;
      deliveries.add(new Delivery(topic, key, isLast ? position : old, value));
      long version = feed.version(value);
      if (version > 0) {
        versions.put(key, version);
      }
    }
    return new Present(deliveries, versions);
  }
}
