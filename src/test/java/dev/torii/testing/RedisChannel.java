package dev.torii.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a channel of a Redis carries, as a plain client of another service hears it. */
public final class RedisChannel implements AutoCloseable {
  private final Socket socket;
  private final List<String> messages = new CopyOnWriteArrayList<>();

  private RedisChannel(Socket socket) {
    this.socket = socket;
  }

  /** Returns when the server has taken the subscription. */
  public static RedisChannel of(String uri, String channel) {
    URI server = URI.create(uri);
    try {
      var listening = new RedisChannel(new Socket(server.getHost(), server.getPort()));
      InputStream in = new BufferedInputStream(listening.socket.getInputStream());
      RedisProbe.send(listening.socket, "SUBSCRIBE", channel);
      RedisProbe.read(in);
      var thread = new Thread(() -> listening.hear(in), "channel-" + channel);
      thread.setDaemon(true);
      thread.start();
      return listening;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All messages so far, in order. */
  public List<String> messages() {
    return List.copyOf(messages);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void hear(InputStream in) {
    try {
      while (!socket.isClosed()) {
        messages.add((String) ((List<?>) RedisProbe.read(in)).get(2));
      }
    } catch (IOException e) {
      if (!socket.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
