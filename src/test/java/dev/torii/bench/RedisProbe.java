package dev.torii.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Reads what a Redis server says of itself: processor time and how often each command ran. */
final class RedisProbe implements Closeable {
  private static final int DEFAULT_PORT = 6379;
  private static final String STAT = "cmdstat_";

  private final SocketChannel channel;
  private final InputStream in;

  private RedisProbe(SocketChannel channel) {
    this.channel = channel;
    this.in = new BufferedInputStream(Channels.newInputStream(channel));
  }

  static RedisProbe connect(String uri) throws IOException {
    return new RedisProbe(open(uri));
  }

  /**
   * A blocking connection, logged in and with the database selected.
   *
   * @param uri {@code redis://[user:password@]host[:port][/database]}
   */
  static SocketChannel open(String uri) throws IOException {
    URI parsed = URI.create(uri);
    if (!"redis".equals(parsed.getScheme())) {
      throw new IllegalArgumentException("the benchmark speaks redis:// only");
    }
    int port = parsed.getPort() < 0 ? DEFAULT_PORT : parsed.getPort();
    SocketChannel channel = SocketChannel.open(new InetSocketAddress(parsed.getHost(), port));
    // Not closed: the channel is the caller's, and these few answers are read to their last byte.
    var handshake = new RedisProbe(channel);
    if (parsed.getUserInfo() != null) {
      String[] user = parsed.getUserInfo().split(":", 2);
      handshake.ask(
          user[0].isEmpty()
              ? new String[] {"AUTH", user[1]}
              : new String[] {"AUTH", user[0], user[1]});
    }
    String path = parsed.getPath();
    if (path != null && path.length() > 1) {
      handshake.ask("SELECT", path.substring(1));
    }
    return channel;
  }

  /** Processor time of the server so far, in microseconds. */
  double cpuMicros() throws IOException {
    Map<String, String> info = info("cpu");
    return 1e6
        * (Double.parseDouble(info.get("used_cpu_sys"))
            + Double.parseDouble(info.get("used_cpu_user")));
  }

  /**
   * Calls of each command so far, by name; those that scripts make are counted too.
   *
   * <p>Left out is INFO, which this class itself sends.
   */
  Map<String, Long> commandCalls() throws IOException {
    var calls = new TreeMap<String, Long>();
    info("commandstats")
        .forEach(
            (name, stats) -> {
              if (name.startsWith(STAT) && !name.equals(STAT + "info")) {
                String count = stats.substring("calls=".length(), stats.indexOf(','));
                calls.put(name.substring(STAT.length()), Long.valueOf(count));
              }
            });
    return calls;
  }

  String version() throws IOException {
    return info("server").get("redis_version");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** A command as Redis reads it from the wire. */
  static byte[] command(String... words) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
    for (String word : words) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      out.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(bytes);
      out.writeBytes(new byte[] {'\r', '\n'});
    }
    return out.toByteArray();
  }

  private Map<String, String> info(String section) throws IOException {
    var values = new TreeMap<String, String>();
    ask("INFO", section)
        .lines()
        .filter(line -> line.indexOf(':') > 0)
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              values.put(line.substring(0, colon), line.substring(colon + 1));
            });
    return values;
  }

  private String ask(String... words) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(command(words));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    String head = readLine();
    if (head.startsWith("-")) {
      throw new IOException("Redis refused " + words[0]);
    }
    if (!head.startsWith("$")) {
      return head.substring(1);
    }
    byte[] body = in.readNBytes(Integer.parseInt(head.substring(1)));
    readLine();
    return new String(body, StandardCharsets.UTF_8);
  }

  private String readLine() throws IOException {
    var line = new StringBuilder();
    int read = in.read();
    while (read != '\n') {
      if (read < 0) {
        throw new EOFException("Redis closed the connection");
      }
      line.append((char) read);
      read = in.read();
    }
    return line.substring(0, line.length() - 1);
  }
}
