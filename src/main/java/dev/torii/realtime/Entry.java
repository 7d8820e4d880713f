package dev.torii.realtime;

import dev.torii.realtime.RealtimeApi.Event;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.math.BigDecimal;

/**
 * One entry of a history, as the stream keeps it or as the channel told it.
 *
 * @param previous the entry before it, {@link EventId#NONE} for none; null when it does not say
 * @param event null when it cannot be read; its place counts all the same
 */
record Entry(EventId id, EventId previous, Event event) {
  /** What a message tells, null when it does not come from {@link Publisher}. */
  static Entry ofMessage(Feed feed, String body) {
    try {
      var data = new JsonObject(body);
      EventId id = parse(data.remove("id"));
      EventId previous = parse(data.remove("prev"));
      return id == null || previous == null ? null : new Entry(id, previous, event(feed, id, data));
    } catch (RuntimeException e) {
      return null; // anybody may write there, and anything
    }
  }

  /** What stands in the stream. */
  static Entry ofStream(Feed feed, Response entry) {
    EventId id = EventId.parse(entry.get(0).toString());
    Object data = null;
    EventId previous = null;
    Response fields = entry.get(1);
    for (int i = 0; i + 1 < fields.size(); i += 2) {
      switch (fields.get(i).toString()) {
        case "data" -> data = fields.get(i + 1);
        case "prev" -> previous = parse(fields.get(i + 1));
        default -> {} // the key is told by the data
      }
    }
    return new Entry(id, previous, read(feed, id, data));
  }

  private static Event read(Feed feed, EventId id, Object data) {
    try {
      return data == null ? null : event(feed, id, new JsonObject(data.toString()));
    } catch (RuntimeException e) {
      return null;
    }
  }

  private static Event event(Feed feed, EventId id, JsonObject data) {
    data.getMap().replaceAll((name, value) -> plain(value));
    String key = feed.keyOf().apply(data);
    return key == null ? null : new Event(feed.name(), key, id, data, feed.version(data));
  }

  /** A double would be written on with an exponent. */
  private static Object plain(Object value) {
    return value instanceof Double number ? BigDecimal.valueOf(number) : value;
  }

  private static EventId parse(Object text) {
    return text == null ? null : EventId.parse(text.toString());
  }
}
