package dev.torii.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends bytes as they are, which no HTTP client would, and reads all that comes back. */
public final class RawHttp {
  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");
  private static final Duration QUIET = Duration.ofMillis(500);
  private static final Duration FIRST_ANSWER = Duration.ofSeconds(5);

  private final URI base;

  public RawHttp(URI base) {
    this.base = base;
  }

  /**
   * Sends {@code text} (ISO-8859-1, one byte a character) on a new connection.
   *
   * @return what arrived until the server closed the connection or was silent for half a second
   */
  public Conversation send(String text) throws IOException {
    return send(text, QUIET);
  }

  /** As {@link #send(String)}, with another time of silence after the first bytes. */
  public Conversation send(String text, Duration quiet) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), 2_000);
      try {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      } catch (IOException e) {
        return new Conversation("", true); // refused while it was still being sent
      }
      return read(socket, quiet);
    }
  }

  private static Conversation read(Socket socket, Duration quiet) throws IOException {
    var received = new ByteArrayOutputStream();
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[8192];
    boolean closed = false;
    socket.setSoTimeout((int) FIRST_ANSWER.toMillis());
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        received.write(buffer, 0, count);
        socket.setSoTimeout((int) quiet.toMillis());
      }
      closed = true;
    } catch (SocketTimeoutException e) {
      closed = false;
    } catch (IOException e) {
      closed = true; // by a reset
    }
    return new Conversation(received.toString(StandardCharsets.ISO_8859_1), closed);
  }

  /**
   * What a server sent on one connection.
   *
   * @param text all bytes as ISO-8859-1
   * @param closed whether the server closed the connection
   */
  public record Conversation(String text, boolean closed) {
    /** Status of every response, in order. */
    public List<Integer> statuses() {
      List<Integer> statuses = new ArrayList<>();
      Matcher line = STATUS_LINE.matcher(text);
      while (line.find()) {
        statuses.add(Integer.valueOf(line.group(1)));
      }
      return statuses;
    }

    /** A header of the first response. */
    public Optional<String> header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return head()
          .lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(line -> line.substring(prefix.length()).strip())
          .findFirst();
    }

    /** The first response after its head. */
    public String body() {
      int end = text.indexOf("\r\n\r\n");
      return end < 0 ? "" : text.substring(end + 4);
    }

    private String head() {
      int end = text.indexOf("\r\n\r\n");
      return end < 0 ? text : text.substring(0, end);
    }
  }
}
