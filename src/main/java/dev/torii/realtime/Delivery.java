package dev.torii.realtime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/** One event for all who follow a topic on one event loop; encoded once for each protocol. */
final class Delivery {
  private final String topic;
  private final String key;
  private final EventId id;
  private final JsonObject data;
  private final Encoded frame = new Encoded(this::encodeFrame);
  private final Encoded chunk = new Encoded(this::encodeChunk);

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
    return frame.next();
  }

  /** As a chunk with a block of an event stream; shared likewise. */
  ByteBuf chunk() {
    return chunk.next();
  }

  private ByteBuf encodeFrame() {
    var message =
        new JsonObject()
            .put("type", "event")
            .put("topic", topic)
            .put("id", id.toString())
            .put("data", data);
    return Wire.text(message);
  }

  private ByteBuf encodeChunk() {
    return Wire.chunk("id: " + id + "\ndata: " + data.encode() + "\n\n");
  }

  /**
   * The bytes of one protocol. The first client is given them on the heap, and only when there is a
   * second do they move to direct memory: much is sent to one client only, such as its history.
   */
  private static final class Encoded {
    private final Supplier<ByteBuf> encoder;
    private ByteBuf first;
    private ByteBuf shared;

    Encoded(Supplier<ByteBuf> encoder) {
      this.encoder = encoder;
    }

    ByteBuf next() {
      if (first == null && shared == null) {
        first = Unpooled.unreleasableBuffer(encoder.get());
        return first.duplicate();
      }
      if (shared == null) {
        shared = Wire.shared(first);
        first = null;
      }
      return shared.duplicate();
    }
  }
}
