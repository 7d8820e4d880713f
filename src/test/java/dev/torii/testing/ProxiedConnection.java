package dev.torii.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;

/** One client of a {@link FaultProxy} and its way to the server; used by the proxy's thread. */
final class ProxiedConnection {
  static final long ENDED = -1;
  private static final int CHUNK_BYTES = 16 * 1024;

  /** Bytes under way in one direction above which no more are read. */
  private static final int WINDOW_BYTES = 1024 * 1024;

  private final SocketChannel client;
  private final SocketChannel server;
  private final SelectionKey clientKey;
  private final SelectionKey serverKey;
  private final Lane toServer;
  private final Lane toClient;
  private final InetSocketAddress target;
  private boolean connecting;
  private boolean connected;

  ProxiedConnection(
      Selector selector,
      SocketChannel client,
      InetSocketAddress target,
      AtomicLong bytesToServer,
      AtomicLong bytesToClient)
      throws IOException {
    this.client = client;
    this.server = SocketChannel.open();
    client.configureBlocking(false);
    server.configureBlocking(false);
    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
    server.setOption(StandardSocketOptions.TCP_NODELAY, true);
    this.clientKey = client.register(selector, 0);
    this.serverKey = server.register(selector, 0);
    this.toServer = new Lane(client, server, bytesToServer);
    this.toClient = new Lane(server, client, bytesToClient);
    this.target = target;
  }

  /**
   * Moves what may move now.
   *
   * @return nanoseconds until delayed bytes are due, {@link Long#MAX_VALUE} for none, or {@link
   *     #ENDED}
   */
  long advance(long nowNanos, long latencyNanos, boolean blackHole) {
    try {
      if (!connected && !connect()) {
        serverKey.interestOps(SelectionKey.OP_CONNECT);
        return Long.MAX_VALUE;
      }
      if (blackHole) {
        clientKey.interestOps(0);
        serverKey.interestOps(0);
        return Long.MAX_VALUE;
      }
      long wait =
          Math.min(
              toServer.advance(nowNanos, latencyNanos), toClient.advance(nowNanos, latencyNanos));
      if (toServer.finished && toClient.finished) {
        close();
        return ENDED;
      }
      clientKey.interestOps(interest(toServer, toClient, nowNanos));
      serverKey.interestOps(interest(toClient, toServer, nowNanos));
      return wait;
    } catch (IOException e) {
      reset(); // one side is gone without a goodbye, and so the other hears of it
      return ENDED;
    }
  }

  void close() {
    try (client) {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Closes both sides with a TCP reset. */
  void reset() {
    try {
      client.setOption(StandardSocketOptions.SO_LINGER, 0);
      if (server.isOpen()) { // a refused connection is closed already
        server.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      close();
    }
  }

  private boolean connect() throws IOException {
    connected = connecting ? server.finishConnect() : server.connect(target);
    connecting = true;
    return connected;
  }

  private static int interest(Lane reading, Lane writing, long nowNanos) {
    int read = reading.mayRead() ? SelectionKey.OP_READ : 0;
    int write = writing.mustWrite(nowNanos) ? SelectionKey.OP_WRITE : 0;
    return read | write;
  }

  /** The bytes of one direction on their way, each chunk with the time when it is due. */
  private static final class Lane {
    private final SocketChannel from;
    private final SocketChannel to;
    private final AtomicLong moved;
    private final Deque<Chunk> underWay = new ArrayDeque<>();
    private int bytesUnderWay;
    private boolean ended;
    private boolean finished;

    Lane(SocketChannel from, SocketChannel to, AtomicLong moved) {
      this.from = from;
      this.to = to;
      this.moved = moved;
    }

    long advance(long nowNanos, long latencyNanos) throws IOException {
      read(nowNanos + latencyNanos);
      write(nowNanos);
      if (ended && underWay.isEmpty() && !finished) {
        finished = true;
        to.shutdownOutput();
      }
      Chunk next = underWay.peek();
      return next == null || next.due - nowNanos <= 0 ? Long.MAX_VALUE : next.due - nowNanos;
    }

    boolean mayRead() {
      return !ended && bytesUnderWay < WINDOW_BYTES;
    }

    boolean mustWrite(long nowNanos) {
      return !underWay.isEmpty() && underWay.peek().due - nowNanos <= 0;
    }

    private void read(long due) throws IOException {
      while (mayRead()) {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
        int count = from.read(buffer);
        if (count < 0) {
          ended = true;
        }
        if (count <= 0) {
          return;
        }
        underWay.add(new Chunk(buffer.flip(), due));
        bytesUnderWay += count;
      }
    }

    private void write(long nowNanos) throws IOException {
      while (mustWrite(nowNanos)) {
        Chunk chunk = underWay.peek();
        int size = chunk.bytes.remaining();
        moved.addAndGet(size); // first, so that who has read the bytes finds them counted
        int count = to.write(chunk.bytes);
        moved.addAndGet(count - size);
        bytesUnderWay -= count;
        if (chunk.bytes.hasRemaining()) {
          return;
        }
        underWay.remove();
      }
    }
  }

  private record Chunk(ByteBuffer bytes, long due) {}
}
