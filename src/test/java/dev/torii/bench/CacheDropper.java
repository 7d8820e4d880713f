package dev.torii.bench;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A Redis connection on the load generator's thread that removes cache entries in order. */
final class CacheDropper implements Closeable {
  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(4096);

  private CacheDropper(SocketChannel channel) {
    this.channel = channel;
  }

  static CacheDropper connect(String redisUri) throws IOException {
    SocketChannel channel = RedisProbe.open(redisUri);
    channel.configureBlocking(false);
    return new CacheDropper(channel);
  }

  void register(Selector selector) throws IOException {
    channel.register(selector, SelectionKey.OP_READ, this);
  }

  /** Writes one command; a few dozen may be under way, which any socket buffer takes whole. */
  void send(ByteBuffer command) throws IOException {
    ByteBuffer bytes = command.duplicate();
    channel.write(bytes);
    if (bytes.hasRemaining()) {
      throw new IOException("Redis does not read what the load generator sends");
    }
  }

  /** Number of commands that were answered since the last call; each answer is one line. */
  int readReplies() throws IOException {
    in.clear();
    if (channel.read(in) < 0) {
      throw new IOException("Redis closed the load generator's connection");
    }
    int replies = 0;
    for (int i = 0; i < in.position(); i++) {
      if (in.get(i) == '-') {
        throw new IOException("Redis refused to remove a key");
      }
      if (in.get(i) == '\n') {
        replies++;
      }
    }
    return replies;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
