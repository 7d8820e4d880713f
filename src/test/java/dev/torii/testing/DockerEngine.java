package dev.torii.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Finds out within two seconds whether a Docker engine answers, without starting a library. */
final class DockerEngine {
  private static final String DEFAULT_HOST = "unix:///var/run/docker.sock";
  private static final int PATIENCE_SECONDS = 2;

  private DockerEngine() {}

  static boolean answers() {
    var ping = new FutureTask<>(DockerEngine::ping);
    var thread = new Thread(ping, "docker-ping");
    thread.setDaemon(true);
    thread.start();
    try {
      return ping.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean ping() throws IOException {
    String given = System.getenv("DOCKER_HOST");
    try (SocketChannel channel = open(URI.create(given == null ? DEFAULT_HOST : given))) {
      String request = "GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n";
      channel.write(StandardCharsets.US_ASCII.encode(request));
      byte[] answer = Channels.newInputStream(channel).readNBytes("HTTP/1.x 200".length());
      return new String(answer, StandardCharsets.US_ASCII).endsWith(" 200");
    }
  }

  private static SocketChannel open(URI host) throws IOException {
    if ("unix".equals(host.getScheme())) {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(host.getPath()));
      return channel;
    }
    return SocketChannel.open(new InetSocketAddress(host.getHost(), host.getPort()));
  }
}
