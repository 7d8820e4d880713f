package dev.torii.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A TCP proxy on a port of its own that treats its connections as a bad network would.
 *
 * <p>One thread moves all bytes. A method that changes the network returns when the change holds
 * for every connection.
 */
public final class FaultProxy implements AutoCloseable {
  private final InetSocketAddress target;
  private final Selector selector;
  private final ConcurrentLinkedQueue<Runnable> orders = new ConcurrentLinkedQueue<>();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong toServer = new AtomicLong();
  private final AtomicLong toClient = new AtomicLong();
  private final Thread thread;
  private final int port;

  // Owned by the thread.
  private final List<ProxiedConnection> connections = new ArrayList<>();
  private ServerSocketChannel listener;
  private long latencyNanos;
  private boolean blackHole;
  private boolean closed;

  private FaultProxy(InetSocketAddress target) throws IOException {
    this.target = target;
    this.selector = Selector.open();
    this.port = listen(0);
    this.thread = new Thread(this::run, "fault-proxy-" + port);
    thread.setDaemon(true);
  }

  /** A proxy in front of a port of this machine, which lets everything through at first. */
  public static FaultProxy inFrontOf(int targetPort) {
    try {
      var proxy =
          new FaultProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort));
      AtExit.close(proxy);
      proxy.thread.start();
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /** {@code uri} with the proxy's address in place of the server's. */
  public String uri(String uri) {
    URI server = URI.create(uri);
    String userInfo = server.getUserInfo() == null ? "" : server.getUserInfo() + "@";
    return server.getScheme() + "://" + userInfo + "127.0.0.1:" + port + server.getPath();
  }

  /** Every byte arrives this much later, in each direction, in order. */
  public void latency(Duration latency) {
    order(() -> latencyNanos = latency.toNanos());
  }

  /**
   * Nothing arrives in either direction; connections stay open and new ones are accepted. As on a
   * real network, what was sent meanwhile arrives after {@link #heal()}.
   */
  public void blackHole() {
    order(() -> blackHole = true);
  }

  /** Closes all connections in good order and refuses new ones until {@link #heal()}. */
  public void cut() {
    order(
        () -> {
          closeQuietly(listener);
          closeAll(ProxiedConnection::close);
        });
  }

  /** Closes all connections with a TCP reset; new ones are welcome. */
  public void reset() {
    order(() -> closeAll(ProxiedConnection::reset));
  }

  /** A good network again: ends latency, black hole and cut. */
  public void heal() {
    order(
        () -> {
          latencyNanos = 0;
          blackHole = false;
          if (!listener.isOpen()) {
            listen(port);
          }
        });
  }

  /** Connections accepted since the start. */
  public long acceptedConnections() {
    return accepted.get();
  }

  /** Connections open now. */
  public int openConnections() {
    var open = new CompletableFuture<Integer>();
    order(() -> open.complete(connections.size()));
    return open.join();
  }

  /** Bytes handed on to the server since the start. */
  public long bytesToServer() {
    return toServer.get();
  }

  /** Bytes handed on to clients since the start. */
  public long bytesToClient() {
    return toClient.get();
  }

  @Override
  public void close() {
    AtExit.forget(this);
    if (!thread.isAlive()) {
      return;
    }
    order(
        () -> {
          closeAll(ProxiedConnection::close);
          closeQuietly(listener);
          closed = true;
        });
  }

  private void order(Runnable change) {
    var done = new CompletableFuture<Void>();
    orders.add(
        () -> {
          try {
            change.run();
            // Channels with a key are really closed by the next selection.
            selector.selectNow();
            done.complete(null);
          } catch (IOException | RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    selector.wakeup();
    done.orTimeout(5, TimeUnit.SECONDS).join();
  }

  private void run() {
    try (Selector open = selector) {
      while (!closed) {
        long nextNanos = advance();
        open.select(Math.max(0, TimeUnit.NANOSECONDS.toMillis(nextNanos + 999_999)));
        if (listener.isOpen() && open.selectedKeys().contains(listener.keyFor(open))) {
          accept();
        }
        open.selectedKeys().clear();
        for (Runnable next = orders.poll(); next != null; next = orders.poll()) {
          next.run();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Moves what may move and gives the nanoseconds until more may, 0 for no such time. */
  private long advance() {
    long now = System.nanoTime();
    long next = Long.MAX_VALUE;
    for (ProxiedConnection connection : List.copyOf(connections)) {
      long wait = connection.advance(now, latencyNanos, blackHole);
      if (wait == ProxiedConnection.ENDED) {
        connections.remove(connection);
      } else {
        next = Math.min(next, wait);
      }
    }
    return next == Long.MAX_VALUE ? 0 : next;
  }

  private void accept() throws IOException {
    SocketChannel client = listener.accept();
    if (client != null) {
      accepted.incrementAndGet();
      connections.add(new ProxiedConnection(selector, client, target, toServer, toClient));
    }
  }

  private void closeAll(Consumer<ProxiedConnection> how) {
    connections.forEach(how);
    connections.clear();
  }

  private int listen(int onPort) {
    try {
      listener = ServerSocketChannel.open();
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort), 1024);
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT);
      return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void closeQuietly(ServerSocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
