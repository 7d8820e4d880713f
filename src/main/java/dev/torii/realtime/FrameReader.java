package dev.torii.realtime;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.TimeUnit;

/** Puts the fragments of a client's messages together, and counts its frames. */
final class FrameReader {
  private final int maxBytes;
  private final int perSecond;
  private Buffer message = Buffer.buffer();
  private long second;
  private int framesOfSecond;

  /**
   * @param maxBytes largest message; a frame alone is limited by the decoder
   * @param perSecond frames, so that fragments and pings count too
   */
  FrameReader(int maxBytes, int perSecond) {
    this.maxBytes = maxBytes;
    this.perSecond = perSecond;
  }

  /** Counts a frame; false when it is one too many. */
  boolean isWithinRate(long nowNanos) {
    long now = TimeUnit.NANOSECONDS.toSeconds(nowNanos);
    if (now != second) {
      second = now;
      framesOfSecond = 0;
    }
    return ++framesOfSecond <= perSecond;
  }

  /** Adds a fragment; false, and it is not kept, when the message is too large with it. */
  boolean add(WebSocketFrame fragment) {
    if (message.length() + fragment.content().readableBytes() > maxBytes) {
      return false;
    }
    message.appendBytes(ByteBufUtil.getBytes(fragment.content()));
    return true;
  }

  /** The message whose last fragment was added. */
  Buffer take() {
    Buffer whole = message;
    message = Buffer.buffer();
    return whole;
  }
}
