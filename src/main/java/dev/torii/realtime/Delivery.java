package dev.torii.realtime;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** One event for all who follow a topic on one event loop; encoded once for each protocol. */
final class Delivery {
  private final String topic;
  private final String key;
  private final EventId id;
  private final JsonObject data;
  private Buffer message;
  private Buffer serverSent;

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

  /** The text message of a WebSocket, in UTF-8. */
  Buffer message() {
    if (message == null) {
      message =
          new JsonObject()
              .put("type", "event")
              .put("topic", topic)
              .put("id", id.toString())
              .put("data", data)
              .toBuffer();
    }
    return message;
  }

  /** The event as a block of an event stream. */
  Buffer serverSent() {
    if (serverSent == null) {
      serverSent = Buffer.buffer("id: " + id + "\ndata: " + data.encode() + "\n\n");
    }
    return serverSent;
  }
}
