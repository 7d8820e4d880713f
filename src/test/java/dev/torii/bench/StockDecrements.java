package dev.torii.bench;

import static org.awaitility.Awaitility.await;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.RedisChannel;
import dev.torii.testing.TestAdmin;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A thousand takers of one stock at once over two processes, of which one is killed at last. */
final class StockDecrements implements Figure {
  private static final int TAKERS = 1_000;
  private static final int WARM_UPS = 5;
  private static final int ANSWERS_BEFORE_KILL = 1;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Override
  public String name() {
    return "stock-decrements";
  }

  @Override
  public Map<String, String> environment() {
    var settings = new HashMap<>(TestAdmin.SETTINGS);
    settings.put("TORII_LIMITS_STOCK_LIMIT", "1000000");
    settings.put("TORII_LIMITS_PRODUCTS_LIMIT", "1000000");
    return settings;
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    ApiClient admin = TestAdmin.login(bed.api(0));
    String key = TestAdmin.apiKey(admin, "stock:write").getString("api_key");
    var rounds = new ArrayList<Round>();
    try (var channel = RedisChannel.of(bed.redis().uri(), "stock:updates")) {
      // The first answers of a process are slow; they are not what is asked here.
      for (int i = 0; i < WARM_UPS; i++) {
        new Round("to warm up", bed, admin, key, TAKERS / 2).take(1, false);
      }
      rounds.add(new Round("1 each of 100", bed, admin, key, 100).take(1, false));
      rounds.add(new Round("1 each of 1,000", bed, admin, key, 1_000).take(1, false));
      rounds.add(new Round("1 to 5 each of 1,000", bed, admin, key, 1_000).take(5, false));
      rounds.add(new Round("1 each of 1,000, kill -9", bed, admin, key, 1_000).take(1, true));
      for (Round round : rounds) {
        round.settle(channel);
      }
    }
    List<String> lines = rounds.stream().map(Round::toString).toList();
    if (!rounds.stream().allMatch(Round::kept)) {
      throw new AssertionError(String.join("; ", lines));
    }
    return lines;
  }

  /** What became of one product. */
  private static final class Round {
    private final String name;
    private final FigureBed bed;
    private final List<ApiClient> nodes;
    private final long stock;
    private final long id;
    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private final AtomicInteger answered = new AtomicInteger();
    private long taken;
    private int largest;
    private boolean killed;
    private Duration took;
    private long left;
    private List<Long> inStream;
    private List<Long> onChannel;
    private long changes;

    Round(String name, FigureBed bed, ApiClient admin, String key, long stock) {
      this.name = name;
      this.bed = bed;
      this.nodes = List.of(bed.api(0).as(key), bed.api(1).as(key));
      this.stock = stock;
      var product =
          new JsonObject()
              .put("name", name)
              .put("price_cents", 100)
              .put("currency", "EUR")
              .put("category", "figures")
              .put("stock", stock);
      this.id = admin.post("/products", product).json().getJsonObject("product").getLong("id");
    }

    /**
     * All ask at once, for one to {@code most}; {@code kill} ends the first process when some were
     * answered.
     */
    Round take(int most, boolean kill) {
      largest = most;
      killed = kill;
      long started = System.nanoTime();
      List<CompletableFuture<Integer>> asked =
          IntStream.range(0, TAKERS).mapToObj(i -> ask(i, size(i))).toList();
      if (kill) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(this::isUnderWay);
        bed.node(0).kill();
      }
      for (int i = 0; i < TAKERS; i++) {
        int status = asked.get(i).join();
        statuses.merge(status, 1, Integer::sum);
        taken += status == 200 ? size(i) : 0;
      }
      took = Duration.ofNanos(System.nanoTime() - started);
      return this;
    }

    private int size(int taker) {
      return taker % largest + 1;
    }

    private boolean isUnderWay() {
      return answered.get() >= ANSWERS_BEFORE_KILL;
    }

    /** The status of the answer, 0 for none. */
    private CompletableFuture<Integer> ask(int taker, int size) {
      ApiClient node = nodes.get(taker % 2);
      String body = new JsonObject().put("delta", -size).encode();
      return node.sendAsync(node.request("POST", "/products/" + id + "/stock", body))
          .thenApply(Answer::status)
          .whenComplete((status, t) -> answered.incrementAndGet())
          .exceptionally(t -> 0);
    }

    /** Waits until all is told, and reads what is there. */
    void settle(RedisChannel channel) throws Exception {
      try (var connection = bed.connect();
          var sql = connection.createStatement()) {
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  try (var rows = sql.executeQuery("SELECT count(*) FROM stock_change")) {
                    rows.next();
                    return rows.getLong(1) == 0;
                  }
                });
        try (var row =
            sql.executeQuery("SELECT stock, version - 1 FROM product WHERE id = " + id)) {
          row.next();
          left = row.getLong(1);
          changes = row.getLong(2);
        }
      }
      inStream = versions(stream());
      await().atMost(PATIENCE).until(() -> versions(rung(channel)).size() >= inStream.size());
      onChannel = versions(rung(channel));
    }

    private List<JsonObject> stream() throws IOException {
      List<JsonObject> found = new ArrayList<>();
      for (Object entry : (List<?>) bed.redis().probe().ask("XRANGE", "stream:stock", "-", "+")) {
        List<?> fields = (List<?>) ((List<?>) entry).get(1);
        found.add(new JsonObject((String) fields.get(fields.indexOf("data") + 1)));
      }
      return found;
    }

    private static List<JsonObject> rung(RedisChannel channel) {
      return channel.messages().stream().map(JsonObject::new).toList();
    }

    /** Those of this product, in the order in which they were told. */
    private List<Long> versions(List<JsonObject> told) {
      return told.stream()
          .filter(change -> change.getLong("product_id") == id)
          .map(change -> change.getLong("version"))
          .toList();
    }

    private int count(int status) {
      return statuses.getOrDefault(status, 0);
    }

    /** Without a kill every change is acknowledged; each is told once, in order, in any case. */
    boolean kept() {
      List<Long> all = LongStream.rangeClosed(1, changes + 1).boxed().toList();
      boolean told = inStream.equals(all) && onChannel.equals(all);
      boolean answers = killed || count(200) + count(409) == TAKERS;
      boolean stocks = killed ? taken <= stock - left : taken == stock - left;
      boolean enough = killed || left < largest;
      return told && answers && stocks && enough && left >= 0 && count(200) <= changes;
    }

    @Override
    public String toString() {
      return "%s: answers %s (0 for none); applied %d, left %d, told %d; %d ms"
          .formatted(name, statuses, changes, left, onChannel.size() - 1, took.toMillis());
    }
  }
}
