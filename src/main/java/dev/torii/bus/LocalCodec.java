package dev.torii.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands a {@link BusMessage} over as it is; nothing of it ever leaves the process. */
final class LocalCodec implements MessageCodec<BusMessage, BusMessage> {
  static final String NAME = "torii.local";

  @Override
  public void encodeToWire(Buffer buffer, BusMessage message) {
    throw new UnsupportedOperationException("bus messages are local");
  }

  @Override
  public BusMessage decodeFromWire(int position, Buffer buffer) {
    throw new UnsupportedOperationException("bus messages are local");
  }

  @Override
  public BusMessage transform(BusMessage message) {
    return message;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
