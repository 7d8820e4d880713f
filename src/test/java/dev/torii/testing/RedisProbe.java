package dev.torii.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Looks into a Redis from outside of Torii: one command, one connection, no client library. */
public final class RedisProbe {
  private static final int TIMEOUT_MILLIS = 2_000;

  private final URI uri;

  public RedisProbe(String uri) {
    this.uri = URI.create(uri);
  }

  /**
   * Sends one command.
   *
   * @return String, Long, null or a List of these
   * @throws IllegalStateException with the words of an error reply
   */
  public Object ask(String... words) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      if (uri.getUserInfo() != null) {
        String userInfo = uri.getUserInfo();
        send(socket, "AUTH", userInfo.substring(userInfo.indexOf(':') + 1));
        read(in);
      }
      if (uri.getPath() != null && uri.getPath().length() > 1) {
        send(socket, "SELECT", uri.getPath().substring(1));
        read(in);
      }
      send(socket, words);
      return read(in);
    }
  }

  /** Sends one command whose answer is a number. */
  public long number(String... words) throws IOException {
    return (Long) ask(words);
  }

  /** Sends one command whose answer is text or nothing. */
  public String text(String... words) throws IOException {
    return (String) ask(words);
  }

  /** Keys that match {@code pattern}; for the small servers of tests only. */
  public List<String> keys(String pattern) throws IOException {
    return ((List<?>) ask("KEYS", pattern)).stream().map(String.class::cast).sorted().toList();
  }

  /** How often the server has run {@code command} since its statistics were reset. */
  public long calls(String command) throws IOException {
    String prefix = "cmdstat_" + command + ":calls=";
    return text("INFO", "commandstats")
        .lines()
        .filter(line -> line.startsWith(prefix))
        .mapToLong(line -> Long.parseLong(line.substring(prefix.length(), line.indexOf(','))))
        .sum();
  }

  static void send(Socket socket, String... words) throws IOException {
    var request = new ByteArrayOutputStream();
    request.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
    for (String word : words) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      request.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      request.writeBytes(bytes);
      request.writeBytes(new byte[] {'\r', '\n'});
    }
    socket.getOutputStream().write(request.toByteArray());
  }

  static Object read(InputStream in) throws IOException {
    String line = line(in);
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest;
      case '-' -> throw new IllegalStateException(rest);
      case ':' -> Long.valueOf(rest);
      case '$' -> bulk(in, Integer.parseInt(rest));
      case '*' -> array(in, Integer.parseInt(rest));
      default -> throw new IOException("not a reply: " + line);
    };
  }

  private static String bulk(InputStream in, int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] bytes = in.readNBytes(length);
    in.skipNBytes(2);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static List<Object> array(InputStream in, int length) throws IOException {
    if (length < 0) {
      return null;
    }
    List<Object> replies = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      replies.add(read(in));
    }
    return replies;
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\r'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("Redis closed the connection");
      }
      line.append((char) c);
    }
    in.skipNBytes(1);
    return line.toString();
  }
}
