package dev.torii.bench;

import dev.torii.bench.Scenario.Request;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.HdrHistogram.Histogram;

/**
 * A closed-loop HTTP client on one thread: every connection sends its next request when its last
 * one was answered, so the server is kept busy and never overrun.
 *
 * <p>It shares the machine with the server it measures, hence plain NIO: requests are written from
 * prepared bytes, of an answer only status and length are read, and the clock is read once per
 * answer. Every status is checked, and the body of one answer in {@value #SAMPLE_EVERY}.
 */
final class LoadGenerator implements Closeable {
  /** A prime, so that the sample does not beat with the cycle of the requests. */
  private static final int SAMPLE_EVERY = 97;

  private static final int MAX_RESPONSE_BYTES = 64 * 1024;
  private static final long LONGEST_LATENCY_NANOS = Duration.ofSeconds(60).toNanos();
  private static final long DRAIN_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long SELECT_MILLIS = 200;

  private final InetSocketAddress server;
  private final List<Request> cycle;
  private final Selector selector;
  private final List<Connection> connections = new ArrayList<>();
  private final CacheDropper dropper;
  private final Queue<Connection> dropping = new ArrayDeque<>();
  private final ResponseReader reader = new ResponseReader();
  private final Histogram latency = new Histogram(LONGEST_LATENCY_NANOS, 3);

  private int next;
  private int underWay;
  private long now;
  private long deadline;
  private long requests;
  private long wrongStatuses;
  private long wrongBodies;
  private long lostConnections;
  private long drops;
  private String firstFault;

  private LoadGenerator(InetSocketAddress server, Scenario scenario, CacheDropper dropper)
      throws IOException {
    this.server = server;
    this.cycle = scenario.cycle();
    this.dropper = dropper;
    this.selector = Selector.open();
    for (int i = 0; i < scenario.connections(); i++) {
      connections.add(new Connection());
    }
    if (dropper != null) {
      dropper.register(selector);
    }
  }

  /**
   * Connects to {@code server}; nothing is sent yet.
   *
   * @param redisUri where the keys of {@link Request#drop()} live; may be null when none is used
   */
  static LoadGenerator connect(InetSocketAddress server, Scenario scenario, String redisUri)
      throws IOException {
    boolean drops = scenario.cycle().stream().anyMatch(request -> request.drop() != null);
    return new LoadGenerator(server, scenario, drops ? CacheDropper.connect(redisUri) : null);
  }

  /** Loads the server for {@code duration}, then waits for the answers under way; call once. */
  LoadResult run(Duration duration) throws IOException {
    long started = System.nanoTime();
    now = started;
    deadline = started + duration.toNanos();
    underWay = connections.size();
    for (Connection connection : connections) {
      sendNext(connection);
    }
    while (underWay > 0 && System.nanoTime() - deadline < DRAIN_NANOS) {
      selector.select(this::ready, SELECT_MILLIS);
    }
    return new LoadResult(
        requests,
        now - started,
        latency,
        wrongStatuses,
        wrongBodies,
        lostConnections,
        underWay,
        drops,
        firstFault);
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.channel.close();
    }
    if (dropper != null) {
      dropper.close();
    }
    selector.close();
  }

  private void ready(SelectionKey key) {
    try {
      if (!(key.attachment() instanceof Connection connection)) {
        for (int replies = dropper.readReplies(); replies > 0; replies--) {
          drops++;
          send(dropping.remove());
        }
      } else if (key.isReadable()) {
        read(connection);
      } else if (key.isWritable()) {
        write(connection);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void sendNext(Connection connection) throws IOException {
    connection.request = cycle.get(next);
    next = next + 1 == cycle.size() ? 0 : next + 1;
    if (connection.request.drop() == null) {
      send(connection);
    } else {
      dropping.add(connection);
      dropper.send(connection.request.drop());
    }
  }

  private void send(Connection connection) throws IOException {
    // A dropped entry's reply came in between; otherwise the last answer was read just now.
    connection.sentAt = connection.request.drop() == null ? now : System.nanoTime();
    connection.unwritten = connection.request.bytes().duplicate();
    write(connection);
  }

  private void write(Connection connection) throws IOException {
    connection.channel.write(connection.unwritten);
    connection.key.interestOps(
        connection.unwritten.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
  }

  private void read(Connection connection) throws IOException {
    int read;
    try {
      read = connection.channel.read(connection.in);
    } catch (IOException e) {
      read = -1; // a reset counts like an end
    }
    if (read < 0) {
      lostConnections++;
      fault("connection lost");
      connection.reconnect();
      finish(connection);
      return;
    }
    int length = reader.read(connection.in.array(), connection.in.position());
    if (length >= 0) {
      now = System.nanoTime();
      answered(connection, length);
    } else if (!connection.in.hasRemaining()) {
      throw new IllegalStateException("a response exceeds " + MAX_RESPONSE_BYTES + " bytes");
    }
  }

  private void answered(Connection connection, int length) throws IOException {
    requests++;
    latency.recordValue(Math.min(now - connection.sentAt, LONGEST_LATENCY_NANOS));
    if (length != connection.in.position()) {
      throw new IllegalStateException("more bytes than one response to one request");
    }
    if (reader.status() != connection.request.status()) {
      wrongStatuses++;
      fault("status " + reader.status() + " instead of " + connection.request.status());
    } else if (requests % SAMPLE_EVERY == 0
        && !bodyContains(connection, length, connection.request.marker())) {
      wrongBodies++;
      fault("a body without " + connection.request.marker());
    }
    connection.in.clear();
    finish(connection);
  }

  private void finish(Connection connection) throws IOException {
    if (now - deadline < 0) {
      sendNext(connection);
    } else {
      underWay--;
    }
  }

  private void fault(String what) {
    if (firstFault == null) {
      firstFault = what;
    }
  }

  private boolean bodyContains(Connection connection, int length, String marker) {
    int start = reader.bodyStart();
    return new String(connection.in.array(), start, length - start, StandardCharsets.UTF_8)
        .contains(marker);
  }

  /** One kept-alive connection with at most one request under way. */
  private final class Connection {
    private final ByteBuffer in = ByteBuffer.allocate(MAX_RESPONSE_BYTES);
    private SocketChannel channel;
    private SelectionKey key;
    private Request request;
    private ByteBuffer unwritten;
    private long sentAt;

    Connection() throws IOException {
      open();
    }

    private void open() throws IOException {
      channel = SocketChannel.open(server);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    void reconnect() throws IOException {
      channel.close();
      in.clear();
      now = System.nanoTime();
      open();
    }
  }
}
