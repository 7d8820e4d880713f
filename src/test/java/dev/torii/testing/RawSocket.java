package dev.torii.testing;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A WebSocket that sends what no client would, and reads only when it is asked to. */
public final class RawSocket implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 15_000;
  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final int CLOSE = 8;

  /** Kinds of frames. */
  /** Asks for a WebSocket. */
  public static final String HANDSHAKE =
      String.join(
          "\r\n",
          "GET /ws HTTP/1.1",
          "Host: torii",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "",
          "");

  public static final int CONTINUATION = 0;

  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int PING = 9;

  private final Socket socket = new Socket();
  private final DataInputStream in;

  private RawSocket(URI base, int receiveBufferBytes) throws IOException {
    socket.setReceiveBufferSize(receiveBufferBytes);
    socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), 2_000);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new DataInputStream(socket.getInputStream());
  }

  /** Connects; the kernel keeps few of the bytes that are not read. */
  public static RawSocket connect(URI base) throws IOException {
    var raw = new RawSocket(base, 4_096);
    raw.write(HANDSHAKE);
    String head = raw.readHead();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IOException("no WebSocket: " + head);
    }
    return raw;
  }

  /** Sends bytes as they are. */
  public void write(String latin1) throws IOException {
    socket.getOutputStream().write(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a whole message. */
  public void send(int kind, byte[] payload) throws IOException {
    frame(kind | FINAL, payload.length, payload);
  }

  /** Sends a frame after which more of the message follows. */
  public void fragment(int kind, byte[] payload) throws IOException {
    frame(kind, payload.length, payload);
  }

  /** Sends the head of a frame that says how much follows, and nothing of that. */
  public void announce(int kind, long length) throws IOException {
    frame(kind | FINAL, length, new byte[0]);
  }

  private void frame(int first, long length, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
    if (length <= 125) {
      frame.put((byte) (MASKED | length));
    } else if (length <= 0xffff) {
      frame.put((byte) (MASKED | 126)).putShort((short) length);
    } else {
      frame.put((byte) (MASKED | 127)).putLong(length);
    }
    frame.putInt(0).put(payload); // masked with zeros
    socket.getOutputStream().write(frame.array(), 0, frame.position());
  }

  /** Reads until the close frame and gives its code; -1 when the connection ends without one. */
  public int closeCode() throws IOException {
    try {
      while (true) {
        int kind = in.readUnsignedByte() & 0x0f;
        long length = in.readUnsignedByte();
        if (length == 126) {
          length = in.readUnsignedShort();
        } else if (length == 127) {
          length = in.readLong();
        }
        byte[] payload = in.readNBytes((int) length);
        if (kind == CLOSE) {
          return ByteBuffer.wrap(payload).getShort() & 0xffff;
        }
      }
    } catch (EOFException e) {
      return -1;
    }
  }

  /** Waits until the server has closed the connection, whatever comes before. */
  public void awaitEnd() throws IOException {
    byte[] buffer = new byte[65_536];
    while (in.read(buffer) >= 0) {
      // what was on its way
    }
  }

  private String readHead() throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
