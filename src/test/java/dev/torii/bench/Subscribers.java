package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonObject;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * 2,000 clients of one process follow the stock that another process changes 20 times a second,
 * over WebSockets and then over event streams.
 */
final class Subscribers implements Figure {
  private static final int CLIENTS = 2_000;
  private static final int PER_SECOND = 20;
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration MEASURED = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Override
  public String name() {
    return "subscribers";
  }

  @Override
  public Map<String, String> environment() {
    return settings();
  }

  /** An admin, and no limit that the crowd or the changes would meet. */
  static Map<String, String> settings() {
    var settings = new HashMap<>(TestAdmin.SETTINGS);
    settings.put("TORII_LIMITS_LIVE_LIMIT", "1000000");
    settings.put("TORII_LIMITS_STOCK_LIMIT", "1000000");
    settings.put("TORII_LIVE_PING_SECONDS", "3600"); // the crowd would not answer
    return settings;
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    ApiClient admin = TestAdmin.login(bed.api(1));
    long product = product(admin);
    List<String> lines = new ArrayList<>();
    InetSocketAddress server = bed.node(0).address();
    boolean complete = true;
    try (LiveCrowd crowd = LiveCrowd.overSockets(server, CLIENTS, "stock")) {
      complete &= measure("WebSocket", crowd, bed, admin, product, lines);
    }
    try (LiveCrowd crowd = LiveCrowd.overStreams(server, CLIENTS, "stock")) {
      complete &= measure("SSE", crowd, bed, admin, product, lines);
    }
    if (!complete) {
      throw new AssertionError("not all was delivered: " + String.join("; ", lines));
    }
    return lines;
  }

  private static boolean measure(
      String protocol,
      LiveCrowd crowd,
      FigureBed bed,
      ApiClient admin,
      long product,
      List<String> lines)
      throws Exception {
    change(admin, product, WARM_UP);
    long before = crowd.receivedWhenQuiet();
    crowd.begin();
    Duration cpuBefore = bed.node(0).cpu();
    int changes = change(admin, product, MEASURED);
    long expected = (long) changes * CLIENTS;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (crowd.received() < before + expected && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    double cpu = bed.node(0).cpu().minus(cpuBefore).toNanos() / 1e3;
    long received = crowd.receivedWhenQuiet() - before;
    crowd.close();
    lines.add(
        String.format(
            "%s: %d clients, %d changes, delivered %.3f %%, p50 %.1f ms, p99 %.1f ms,"
                + " server CPU per delivery %.2f us",
            protocol,
            CLIENTS,
            changes,
            100.0 * received / expected,
            crowd.latencyMicros().getValueAtPercentile(50) / 1e3,
            crowd.latencyMicros().getValueAtPercentile(99) / 1e3,
            cpu / received));
    return received == expected;
  }

  /** Changes the stock at an even pace, and says how often. */
  static int change(ApiClient admin, long product, Duration time) throws InterruptedException {
    int changes = (int) (time.toSeconds() * PER_SECOND);
    long started = System.nanoTime();
    for (int i = 0; i < changes; i++) {
      long due = started + i * TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
      TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
      Answer changed =
          admin.post("/products/" + product + "/stock", new JsonObject().put("delta", 1));
      if (changed.status() != 200) {
        throw new AssertionError(changed.text());
      }
    }
    return changes;
  }

  static long product(ApiClient admin) {
    var anvil =
        new JsonObject()
            .put("name", "anvil")
            .put("price_cents", 12_900)
            .put("currency", "EUR")
            .put("category", "tools")
            .put("stock", 0);
    return admin.post("/products", anvil).json().getJsonObject("product").getLong("id");
  }
}
