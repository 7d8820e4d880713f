package dev.torii.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An analyser of images that says what a test wants, by HTTP on this machine. */
public final class FakeAnalyser implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private volatile Behaviour behaviour = call -> said("plastic");

  private FakeAnalyser() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/v1/chat/completions", this::handle);
    server.start();
  }

  public static FakeAnalyser start() {
    return new FakeAnalyser();
  }

  /** What {@code images.url} is set to. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /** From now on each call is answered so. */
  public void behave(Behaviour now) {
    behaviour = now;
  }

  /** The calls so far. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** An analysis, as a model gives it. */
  public static Reply said(String wasteType) {
    return said(analysis(wasteType));
  }

  /** Any JSON as the words of a model. */
  public static Reply said(JsonObject content) {
    return new Reply(200, completion(content.encode()), null);
  }

  /** A whole analysis. */
  public static JsonObject analysis(String wasteType) {
    return new JsonObject()
        .put("waste_type", wasteType)
        .put("confidence", 0.94)
        .put("feedback", "Rinse it.")
        .put("category", "packaging")
        .put("recyclable", true);
  }

  /** A chat completion with these words. */
  public static String completion(String content) {
    var message = new JsonObject().put("role", "assistant").put("content", content);
    return new JsonObject()
        .put("choices", new JsonArray().add(new JsonObject().put("message", message)))
        .encode();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      var call =
          new Call(exchange.getRequestHeaders().getFirst("Authorization"), new JsonObject(body));
      calls.add(call);
      Reply reply = behaviour.answer(call);
      byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (reply.retryAfter() != null) {
        exchange.getResponseHeaders().set("Retry-After", reply.retryAfter());
      }
      exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** What the analyser does with a call. */
  @FunctionalInterface
  public interface Behaviour {
    Reply answer(Call call) throws InterruptedException;
  }

  /**
   * One call.
   *
   * @param authorization header of that name
   */
  public record Call(String authorization, JsonObject body) {
    /** The image as a data URI. */
    public String image() {
      return content().getJsonObject(1).getJsonObject("image_url").getString("url");
    }

    public String prompt() {
      return content().getJsonObject(0).getString("text");
    }

    private JsonArray content() {
      return body.getJsonArray("messages").getJsonObject(0).getJsonArray("content");
    }
  }

  /**
   * One answer.
   *
   * @param retryAfter header of that name, null for none
   */
  public record Reply(int status, String body, String retryAfter) {}
}
