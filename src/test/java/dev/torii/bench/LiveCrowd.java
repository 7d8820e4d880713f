package dev.torii.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Many clients of one topic on one thread, cheap enough to share the machine with the server: they
 * find the end of each event and the moment of its making in the bytes, and parse nothing else.
 */
final class LiveCrowd implements AutoCloseable {
  private static final byte[] STAMP = "\"timestamp\":".getBytes(StandardCharsets.US_ASCII);
  private static final int CONNECT_AT_ONCE = 100;

  private final Selector selector = Selector.open();
  private final List<SocketChannel> channels = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
  private final Histogram latencyMicros = new Histogram(3);
  private final Thread thread = new Thread(this::run, "live-crowd");
  private volatile long received;
  private volatile boolean stopping;
  private volatile boolean counting;

  private LiveCrowd() throws IOException {}

  /** Opens so many WebSockets that follow {@code topic}. */
  static LiveCrowd overSockets(InetSocketAddress server, int clients, String topic)
      throws IOException {
    String handshake =
        "GET /ws HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    return open(server, clients, handshake, frame(topic), "\"subscribed\"");
  }

  /** Opens so many event streams of {@code topic}. */
  static LiveCrowd overStreams(InetSocketAddress server, int clients, String topic)
      throws IOException {
    String request = "GET /events?topic=" + topic + " HTTP/1.1\r\nHost: bench\r\n\r\n";
    return open(server, clients, request, new byte[0], "event: subscribed");
  }

  private static LiveCrowd open(
      InetSocketAddress server, int clients, String hello, byte[] then, String welcome)
      throws IOException {
    var crowd = new LiveCrowd();
    for (int done = 0; done < clients; done += CONNECT_AT_ONCE) {
      List<SocketChannel> some = new ArrayList<>();
      for (int i = done; i < Math.min(clients, done + CONNECT_AT_ONCE); i++) {
        SocketChannel channel = SocketChannel.open(server);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.write(ByteBuffer.wrap(hello.getBytes(StandardCharsets.US_ASCII)));
        some.add(channel);
      }
      for (SocketChannel channel : some) {
        if (then.length > 0) {
          await(channel, "\r\n\r\n");
          channel.write(ByteBuffer.wrap(then));
        }
        await(channel, welcome);
        channel.configureBlocking(false);
        channel.register(crowd.selector, SelectionKey.OP_READ);
        crowd.channels.add(channel);
      }
    }
    crowd.thread.start();
    return crowd;
  }

  /** A masked text frame, as clients send it; the mask is zero. */
  private static byte[] frame(String topic) {
    String text = "{\"type\":\"subscribe\",\"topic\":\"" + topic + "\"}";
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(6 + payload.length)
        .put((byte) 0x81)
        .put((byte) (0x80 | payload.length))
        .putInt(0)
        .put(payload)
        .array();
  }

  private static void await(SocketChannel channel, String words) throws IOException {
    var read = new StringBuilder();
    ByteBuffer bytes = ByteBuffer.allocate(4_096);
    while (read.indexOf(words) < 0) {
      if (channel.read(bytes.clear()) < 0) {
        throw new IOException("closed after: " + read);
      }
      read.append(StandardCharsets.ISO_8859_1.decode(bytes.flip()));
    }
  }

  /** Counts from now on. */
  void begin() {
    counting = true;
  }

  /** Events received by all clients together since {@link #begin}. */
  long received() {
    return received;
  }

  /** Time from the making of an event to its receipt; to be read when the crowd is closed. */
  Histogram latencyMicros() {
    return latencyMicros;
  }

  private void run() {
    try {
      while (!stopping) {
        selector.select(100);
        for (SelectionKey key : selector.selectedKeys()) {
          read((SocketChannel) key.channel());
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      if (!stopping) {
        throw new IllegalStateException("a client was sent away", e);
      }
    }
  }

  /** An event is shorter than a segment and is written at once, so it arrives whole. */
  private void read(SocketChannel channel) throws IOException {
    if (channel.read(buffer.clear()) < 0) {
      throw new IOException("closed by the server");
    }
    if (!counting) {
      return;
    }
    double now = System.currentTimeMillis() * 1_000.0;
    byte[] bytes = buffer.array();
    int end = buffer.position();
    for (int at = 0; at + STAMP.length < end; at++) {
      if (isStamp(bytes, at)) {
        latencyMicros.recordValue(Math.max(0, (long) (now - micros(bytes, at + STAMP.length))));
        received++;
        at += STAMP.length;
      }
    }
  }

  private static boolean isStamp(byte[] bytes, int at) {
    for (int i = 0; i < STAMP.length; i++) {
      if (bytes[at + i] != STAMP[i]) {
        return false;
      }
    }
    return true;
  }

  private static double micros(byte[] bytes, int from) {
    int to = from;
    while (bytes[to] != ',' && bytes[to] != '}') {
      to++;
    }
    return Double.parseDouble(new String(bytes, from, to - from, StandardCharsets.US_ASCII)) * 1e6;
  }

  @Override
  public void close() throws IOException {
    stopping = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (SocketChannel channel : channels) {
      channel.close();
    }
    selector.close();
  }
}
