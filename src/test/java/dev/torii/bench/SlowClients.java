package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.RawSocket;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A hundred clients that never read, while 10,000 messages pass, beside a hundred that do. */
final class SlowClients implements Figure {
  private static final int CLIENTS = 100;
  private static final int MESSAGES = 10_000;
  private static final int WRITERS = 8;
  private static final int PRODUCTS = 400;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "slow-clients";
  }

  @Override
  public Map<String, String> environment() {
    return Subscribers.settings();
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    ApiClient admin = TestAdmin.login(bed.api(1));
    List<Long> products =
        IntStream.range(0, PRODUCTS).mapToObj(i -> Subscribers.product(admin)).toList();
    Subscribers.change(admin, products.get(0), Duration.ofSeconds(5));
    List<String> lines = new ArrayList<>();
    List<RawSocket> slow = new ArrayList<>();
    try (LiveCrowd crowd = LiveCrowd.overSockets(bed.node(0).address(), CLIENTS, "stock")) {
      for (int i = 0; i < CLIENTS; i++) {
        slow.add(deaf(bed));
      }
      double heapBefore = heap(bed);
      long before = crowd.receivedWhenQuiet();
      crowd.begin();
      long started = System.nanoTime();
      FigureBed.inParallel(
          WRITERS, IntStream.range(0, WRITERS).mapToObj(i -> writes(admin, products)).toList());
      await(crowd, before + (long) MESSAGES * CLIENTS);
      double seconds = (System.nanoTime() - started) / 1e9;
      double heapAfter = heap(bed);
      long received = crowd.receivedWhenQuiet() - before;
      lines.add(String.format("%d messages in %.1f s", MESSAGES, seconds));
      lines.add(
          String.format(
              "heap in use after a collection: %.1f MB before, %.1f MB after",
              heapBefore / 1e6, heapAfter / 1e6));
      lines.add(
          String.format(
              "those who read: delivered %d of %d, p50 %.1f ms, p99 %.1f ms",
              received,
              (long) MESSAGES * CLIENTS,
              crowd.latencyMicros().getValueAtPercentile(50) / 1e3,
              crowd.latencyMicros().getValueAtPercentile(99) / 1e3));
      lines.add(
          String.format(
              "closed as slow: %.0f; replaced while they waited: %.0f",
              value(bed, "torii_live_closed_total{code=\"4408\"}"),
              value(bed, "torii_live_conflated_total")));
      if (received != (long) MESSAGES * CLIENTS || heapAfter > heapBefore + 20e6) {
        throw new AssertionError(String.join("; ", lines));
      }
    } finally {
      for (RawSocket socket : slow) {
        socket.close();
      }
    }
    return lines;
  }

  private static RawSocket deaf(FigureBed bed) throws IOException {
    RawSocket socket = RawSocket.connect(bed.base(0));
    String subscribe = "{\"type\":\"subscribe\",\"topic\":\"stock\"}";
    socket.send(RawSocket.TEXT, subscribe.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static Callable<Void> writes(ApiClient admin, List<Long> products) {
    return () -> {
      for (int i = 0; i < MESSAGES / WRITERS; i++) {
        long product = products.get(i % products.size());
        var change = new JsonObject().put("delta", 1);
        if (admin.post("/products/" + product + "/stock", change).status() != 200) {
          throw new AssertionError("a change was refused");
        }
      }
      return null;
    };
  }

  private static void await(LiveCrowd crowd, long expected) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (crowd.received() < expected && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** What is left after a collection that the JVM is asked for from outside. */
  private static double heap(FigureBed bed) throws Exception {
    bed.node(0).collectGarbage();
    return bed.api(0)
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static double value(FigureBed bed, String name) {
    return bed.api(0)
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
