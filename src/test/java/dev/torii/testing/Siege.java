package dev.torii.testing;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks several processes with revoked tokens, round and round on open connections, as fast as they
 * are answered, so that there are questions in the first milliseconds of whatever happens to them.
 *
 * <p>Good answers are 401, and 503 while it cannot be told; all others are counted as wrong.
 */
public final class Siege implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final long RETRY_NANOS = 2_000_000;

  private final List<Thread> threads = new ArrayList<>();
  private final Map<Integer, AtomicLong> statuses = new ConcurrentSkipListMap<>();
  private final AtomicLong unreachable = new AtomicLong();
  private volatile boolean over;
  private volatile CountDownLatch round = new CountDownLatch(0);

  private Siege() {}

  /**
   * Starts to ask.
   *
   * @param connections to each node, which share the tokens among them
   */
  public static Siege of(List<URI> nodes, List<String> tokens, int connections) {
    var siege = new Siege();
    for (URI node : nodes) {
      for (int i = 0; i < connections; i++) {
        List<byte[]> requests = new ArrayList<>();
        for (int t = i; t < tokens.size(); t += connections) {
          requests.add(request(tokens.get(t)));
        }
        var thread = new Thread(() -> siege.ask(node, requests), "siege");
        thread.setDaemon(true);
        siege.threads.add(thread);
      }
    }
    siege.threads.forEach(Thread::start);
    return siege;
  }

  /** Waits until every token was asked for on every node once more, from now on. */
  public Siege awaitRound() throws InterruptedException {
    for (int i = 0; i < 2; i++) { // the round under way had begun before
      var next = new CountDownLatch(threads.size());
      round = next;
      if (!next.await(2, TimeUnit.MINUTES)) {
        throw new AssertionError("the questions are not answered: " + this);
      }
    }
    return this;
  }

  /** Answers so far. */
  public long answers() {
    return statuses.values().stream().mapToLong(AtomicLong::get).sum();
  }

  /** Answers with that status so far. */
  public long answers(int status) {
    AtomicLong count = statuses.get(status);
    return count == null ? 0 : count.get();
  }

  /** Answers so far that neither refused the token nor said that it cannot be told. */
  public long wrong() {
    return answers() - answers(401) - answers(503);
  }

  /** Ends the asking. */
  @Override
  public void close() {
    over = true;
    for (Thread thread : threads) {
      try {
        thread.join(2L * TIMEOUT_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public String toString() {
    return statuses + ", not reached " + unreachable;
  }

  private void ask(URI node, List<byte[]> requests) {
    Connection connection = null;
    CountDownLatch counted = null;
    while (!over) {
      for (int i = 0; i < requests.size() && !over; ) {
        try {
          if (connection == null) {
            connection = new Connection(node);
          }
          int status = connection.ask(requests.get(i));
          statuses.computeIfAbsent(status, first -> new AtomicLong()).incrementAndGet();
          i++;
          if (connection.isOver()) {
            connection = closed(connection);
          }
        } catch (IOException e) {
          unreachable.incrementAndGet();
          connection = closed(connection);
          LockSupport.parkNanos(RETRY_NANOS);
        }
      }
      if (round != counted) {
        counted = round;
        counted.countDown();
      }
    }
    closed(connection);
  }

  private Connection closed(Connection connection) {
    if (connection != null) {
      try {
        connection.socket.close();
      } catch (IOException e) {
        unreachable.incrementAndGet();
      }
    }
    return null;
  }

  private static byte[] request(String token) {
    return ("GET /auth/me HTTP/1.1\r\nhost: siege\r\nauthorization: Bearer " + token + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static final class Connection {
    private final Socket socket = new Socket();
    private final InputStream in;
    private boolean over;

    Connection(URI node) throws IOException {
      try {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(node.getHost(), node.getPort()), TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    }

    /** The status of the whole answer. */
    int ask(byte[] request) throws IOException {
      socket.getOutputStream().write(request);
      int status = Integer.parseInt(line().split(" ", 3)[1]);
      int length = 0;
      for (String header = line(); !header.isEmpty(); header = line()) {
        String lower = header.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Integer.parseInt(lower.substring(lower.indexOf(':') + 1).strip());
        }
        over |= lower.equals("connection: close");
      }
      in.skipNBytes(length);
      return status;
    }

    boolean isOver() {
      return over;
    }

    private String line() throws IOException {
      var line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new EOFException("the server closed the connection");
        }
        line.append((char) c);
      }
      return line.substring(0, line.length() - 1);
    }
  }
}
