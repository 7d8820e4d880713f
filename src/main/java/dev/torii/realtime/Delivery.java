package dev.torii.realtime;

import io.netty.buffer.ByteBuf;
import io.vertx.core.json.JsonObject;

/** One event for all who follow a topic on one event loop; encoded once for each protocol. */
final class Delivery {
  private final String topic;
  private final String key;
  private final EventId id;
  private final JsonObject data;
  private ByteBuf frame;
  private ByteBuf chunk;

  /**
   * @param key what the event is about: a newer one of it replaces this one where it still waits
   */
  Delivery(String topic, String key, EventId id, JsonObject data) {
    this.topic = topic;
    this.key = key;
    this.id = id;
    this.data = data;
  }

  String topic() {
    return topic;
  }

  String key() {
    return key;
  }

  EventId id() {
    return id;
  }

  JsonObject data() {
    return data;
  }

  /** As a text frame of a WebSocket; the bytes are shared, the indices are the caller's. */
  ByteBuf frame() {
    if (frame == null) {
      var message =
          new JsonObject()
              .put("type", "event")
              .put("topic", topic)
              .put("id", id.toString())
              .put("data", data);
      frame = Wire.shared(Wire.text(message));
    }
    return frame.duplicate();
  }

  /** As a chunk with a block of an event stream; shared likewise. */
  ByteBuf chunk() {
    if (chunk == null) {
      chunk = Wire.shared(Wire.chunk("id: " + id + "\ndata: " + data.encode() + "\n\n"));
    }
    return chunk.duplicate();
  }
}
