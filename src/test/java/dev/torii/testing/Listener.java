package dev.torii.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A port of this machine that counts who connects to it, and answers nobody. */
public final class Listener implements AutoCloseable {
  private final ServerSocket server;
  private final AtomicInteger heard = new AtomicInteger();

  private Listener(ServerSocket server) {
    this.server = server;
  }

  public static Listener open() {
    try {
      var listener = new Listener(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      var thread = new Thread(listener::accept, "listener");
      thread.setDaemon(true);
      thread.start();
      return listener;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A URL that leads here. */
  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Connections so far. */
  public int heard() {
    return heard.get();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try (Socket caller = server.accept()) {
        heard.addAndGet(caller.isConnected() ? 1 : 0);
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}
