package dev.torii.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client of {@code /events}: the blocks of its stream, each as its fields. */
public final class EventLines implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 15;
  private static final Map<String, String> END = Map.of("", "");

  private final HttpResponse<InputStream> response;
  private final BlockingQueue<Map<String, String>> blocks = new LinkedBlockingQueue<>();

  private EventLines(HttpResponse<InputStream> response) {
    this.response = response;
    var reader = new Thread(this::read, "event-lines");
    reader.setDaemon(true);
    reader.start();
  }

  /** Opens a stream; its first block, with the time to come back after, is taken. */
  public static EventLines open(URI base, String topic, Map<String, String> headers) {
    var request = HttpRequest.newBuilder(base.resolve("/events?topic=" + topic));
    headers.forEach(request::header);
    try {
      var lines =
          new EventLines(
              HttpClient.newHttpClient()
                  .send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
      if (!lines.next().containsKey("retry")) {
        throw new AssertionError("the stream does not begin with a time to come back after");
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public int status() {
    return response.statusCode();
  }

  public String header(String name) {
    return response.headers().firstValue(name).orElse("");
  }

  /** The next block. */
  public Map<String, String> next() {
    try {
      Map<String, String> block = blocks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (block == null) {
        throw new AssertionError("nothing came");
      }
      return block;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Waits for the end of the stream, and gives the block before it. */
  public Map<String, String> last() {
    Map<String, String> last = END;
    for (Map<String, String> block = next(); block != END; block = next()) {
      last = block;
    }
    return last;
  }

  private void read() {
    var block = new HashMap<String, String>();
    try (var lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isEmpty()) {
          int colon = line.indexOf(':');
          block.put(line.substring(0, colon), line.substring(colon + 1).strip());
        } else if (!block.containsKey("")) {
          blocks.add(Map.copyOf(block));
          block.clear();
        } else {
          block.clear(); // a comment
        }
      }
    } catch (IOException e) {
      // the end of a connection that is closed under it
    }
    blocks.add(END);
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
