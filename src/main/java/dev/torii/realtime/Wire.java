package dev.torii.realtime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Bytes as they go to a client: whole WebSocket frames of a server, and whole chunks of HTTP/1.1.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, base framing</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-7.1">RFC 9112, chunked coding</a>
 */
final class Wire {
  private static final int FINAL_TEXT = 0x81;
  private static final int FINAL_CLOSE = 0x88;
  private static final int FINAL_PING = 0x89;
  private static final int FINAL_PONG = 0x8a;

  /** Payloads up to this length have it in the second byte of their frame. */
  private static final int SHORT = 125;

  private static final int TWO_BYTES_FOLLOW = 126;
  private static final int EIGHT_BYTES_FOLLOW = 127;
  private static final int LONGEST_HEAD = 10;
  private static final byte[] LINE_END = {'\r', '\n'};

  private Wire() {}

  /** A message in one frame. */
  static ByteBuf text(JsonObject message) {
    return text(utf8(message.encode()));
  }

  static ByteBuf text(byte[] payload) {
    return frame(FINAL_TEXT, payload);
  }

  static ByteBuf ping() {
    return frame(FINAL_PING, new byte[0]);
  }

  /**
   * The answer to a ping.
   *
   * @param payload the ping's own
   */
  static ByteBuf pong(byte[] payload) {
    return frame(FINAL_PONG, payload);
  }

  /**
   * The last frame of a connection.
   *
   * @param reason at most 123 bytes
   */
  static ByteBuf close(int code, String reason) {
    byte[] words = utf8(reason);
    byte[] payload = new byte[2 + words.length];
    payload[0] = (byte) (code >> 8);
    payload[1] = (byte) code;
    System.arraycopy(words, 0, payload, 2, words.length);
    return frame(FINAL_CLOSE, payload);
  }

  /** A part of a body whose length nobody knows yet. */
  static ByteBuf chunk(String part) {
    return chunk(utf8(part));
  }

  static ByteBuf chunk(byte[] part) {
    byte[] length = utf8(Integer.toHexString(part.length));
    return Unpooled.buffer(length.length + part.length + 2 * LINE_END.length)
        .writeBytes(length)
        .writeBytes(LINE_END)
        .writeBytes(part)
        .writeBytes(LINE_END);
  }

  /** The end of such a body. */
  static ByteBuf lastChunk() {
    return Unpooled.wrappedBuffer(utf8("0\r\n\r\n"));
  }

  /**
   * The same bytes for any number of clients: each takes a {@link ByteBuf#duplicate()} and need not
   * release it. They lie where a socket reads them without another copy, and the garbage collector
   * frees them.
   */
  static ByteBuf shared(ByteBuf bytes) {
    ByteBuffer memory = ByteBuffer.allocateDirect(bytes.readableBytes());
    bytes.readBytes(memory);
    return Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(memory.flip()));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ByteBuf frame(int kind, byte[] payload) {
    ByteBuf frame = Unpooled.buffer(LONGEST_HEAD + payload.length).writeByte(kind);
    if (payload.length <= SHORT) {
      frame.writeByte(payload.length);
    } else if (payload.length <= 0xffff) {
      frame.writeByte(TWO_BYTES_FOLLOW).writeShort(payload.length);
    } else {
      frame.writeByte(EIGHT_BYTES_FOLLOW).writeLong(payload.length);
    }
    return frame.writeBytes(payload);
  }
}
