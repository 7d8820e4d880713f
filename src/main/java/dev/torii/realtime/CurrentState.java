package dev.torii.realtime;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/** What a feature knows of the present state of a feed, by its truth and not by its history. */
public interface CurrentState {
  /**
   * The present value of one key, in the form of an event's data.
   *
   * @return null when there is none
   */
  Future<JsonObject> of(String key);

  /** Present values of what has changed since a moment, at most 10,000, in no order. */
  Future<List<JsonObject>> changedSince(Instant moment);
}
