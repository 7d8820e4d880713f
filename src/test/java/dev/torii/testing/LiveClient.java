package dev.torii.testing;

import io.vertx.core.Vertx;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client of {@code /ws} as an application has it, for tests that wait. */
public final class LiveClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Vertx VERTX = Vertx.vertx();
  private static final WebSocketClient CLIENT =
      VERTX.createWebSocketClient(
          new WebSocketClientOptions()
              .setMaxConnections(1_000)
              .setMaxFrameSize(1 << 20)
              .setClosingTimeout(2));

  private final BlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private WebSocket socket;

  private LiveClient() {}

  /** Connects without saying who it is. */
  public static LiveClient connect(URI base) {
    return connect(base, Map.of());
  }

  /** Connects with a token in the header. */
  public static LiveClient connect(URI base, String token) {
    return connect(base, Map.of("Authorization", "Bearer " + token));
  }

  public static LiveClient connect(URI base, Map<String, String> headers) {
    var client = new LiveClient();
    try {
      client.open(base, headers).toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      throw new IllegalStateException("not connected", e.getCause());
    }
    return client;
  }

  /** The status with which a handshake is refused. */
  public static int refusal(URI base, Map<String, String> headers) {
    var client = new LiveClient();
    try (client) {
      client.open(base, headers).toCompletionStage().toCompletableFuture().join();
      throw new AssertionError("the handshake was not refused");
    } catch (CompletionException e) {
      if (e.getCause() instanceof UpgradeRejectedException refused) {
        return refused.getStatus();
      }
      throw e;
    }
  }

  private io.vertx.core.Future<Void> open(URI base, Map<String, String> headers) {
    var options =
        new WebSocketConnectOptions()
            .setHost(base.getHost())
            .setPort(base.getPort())
            .setURI("/ws")
            .setAllowOriginHeader(headers.containsKey("Origin"));
    headers.forEach(options::addHeader);
    return CLIENT
        .connect(options)
        .map(
            opened -> {
              socket = opened;
              opened.textMessageHandler(text -> messages.add(new JsonObject(text)));
              opened.closeHandler(v -> closed.complete((int) opened.closeStatusCode()));
              return null;
            });
  }

  public LiveClient send(JsonObject message) {
    return send(message.encode());
  }

  public LiveClient send(String text) {
    socket.writeTextMessage(text);
    return this;
  }

  /** The socket, for what is no message. */
  public WebSocket socket() {
    return socket;
  }

  /** Asks to follow a topic and waits until that is so. */
  public JsonObject subscribe(String topic) {
    send(new JsonObject().put("type", "subscribe").put("topic", topic));
    return next("subscribed");
  }

  /** As {@link #subscribe(String)}, from a place in its history. */
  public JsonObject subscribe(String topic, String since) {
    send(
        new JsonObject().put("type", "subscribe").put("topic", topic).put("since", since));
    return next("subscribed");
  }

  /** Says who it is and waits for the answer. */
  public JsonObject authenticate(String token) {
    send(new JsonObject().put("type", "auth").put("token", token));
    return next("authenticated");
  }

  /** The next message of any kind. */
  public JsonObject next() {
    try {
      JsonObject message = messages.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (message == null) {
        throw new AssertionError("nothing came; closed with " + closed.getNow(null));
      }
      return message;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The next message, which must be of that type. */
  public JsonObject next(String type) {
    JsonObject message = next();
    if (!type.equals(message.getString("type"))) {
      throw new AssertionError("expected " + type + ", came " + message);
    }
    return message;
  }

  /** What came and was not taken. */
  public List<JsonObject> rest() {
    List<JsonObject> rest = new ArrayList<>();
    messages.drainTo(rest);
    return rest;
  }

  /** Waits until the server has closed, and gives its code. */
  public int closeCode() {
    try {
      return closed.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("the connection is still open; came: " + rest(), e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  public boolean isOpen() {
    return !closed.isDone();
  }

  @Override
  public void close() {
    if (socket != null && !closed.isDone()) {
      socket.close();
    }
  }
}
