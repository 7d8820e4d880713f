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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * Many clients of one topic on one thread, cheap enough to share the machine with the server: they
 * find the end of each event and the moment of its making in the bytes, and parse nothing else.
 */
final class LiveCrowd implements AutoCloseable {
  private static final byte[] STAMP = "\"timestamp\":".getBytes(StandardCharsets.US_ASCII);
  private static final int CONNECT_AT_ONCE = 100;
  private static final int BUFFER_BYTES = 8_192;

  private final Selector selector = Selector.open();
  private final List<SocketChannel> channels = new ArrayList<>();
  private final Histogram latencyMicros = new Histogram(3);
  private final Thread thread = new Thread(this::run, "live-crowd");
  private final AtomicLong received = new AtomicLong();
  private volatile boolean stopping;
  private volatile boolean counting;

  private LiveCrowd() throws IOException {}

  /** Opens so many WebSockets that follow {@code topic}. */
  static LiveCrowd overSockets(InetSocketAddress server, int clients, String topic)
      throws IOException {
    String handshake =
        String.join(
            "\r\n",
            "GET /ws HTTP/1.1",
            "Host: bench",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "",
            "");
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
        channel.register(crowd.selector, SelectionKey.OP_READ, new Unread());
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

  /** Measures the time of events from now on. */
  void begin() {
    counting = true;
  }

  /** Events received by all clients together. */
  long received() {
    return received.get();
  }

  /** Waits until nothing has come for a second, and gives what was received until then. */
  long receivedWhenQuiet() throws InterruptedException {
    long before;
    do {
      before = received();
      TimeUnit.SECONDS.sleep(1);
    } while (received() != before);
    return before;
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
          read((SocketChannel) key.channel(), (Unread) key.attachment());
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      if (!stopping) {
        throw new IllegalStateException("a client was sent away", e);
      }
    }
  }

  /** Takes the events that are complete; the beginning of another stays in the buffer. */
  private void read(SocketChannel channel, Unread unread) throws IOException {
    if (channel.read(unread.buffer) < 0) {
      throw new IOException("closed by the server");
    }
    double now = System.currentTimeMillis() * 1_000.0;
    byte[] bytes = unread.bytes;
    int end = unread.buffer.position();
    int done = 0;
    for (int at = 0; at + STAMP.length < end; at++) {
      int close = isStamp(bytes, at) ? closing(bytes, at + STAMP.length, end) : -1;
      if (close >= 0) {
        if (counting) {
          latencyMicros.recordValue(
              Math.max(0, (long) (now - micros(bytes, at + STAMP.length, close))));
        }
        received.incrementAndGet();
        at = close;
        done = close;
      }
    }
    // Without an event there is only what is no event, of which the end may begin one.
    unread.buffer.limit(end).position(Math.max(done, end - BUFFER_BYTES / 2));
    unread.buffer.compact();
  }

  private static boolean isStamp(byte[] bytes, int at) {
    for (int i = 0; i < STAMP.length; i++) {
      if (bytes[at + i] != STAMP[i]) {
        return false;
      }
    }
    return true;
  }

  /** Where the number ends that begins at {@code from}, -1 when its end has not come yet. */
  private static int closing(byte[] bytes, int from, int end) {
    for (int at = from; at < end; at++) {
      if (bytes[at] == ',' || bytes[at] == '}') {
        return at;
      }
    }
    return -1;
  }

  private static double micros(byte[] bytes, int from, int to) {
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

  /** What a client has read and not understood yet. */
  private static final class Unread {
    private final byte[] bytes = new byte[BUFFER_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
  }
}
