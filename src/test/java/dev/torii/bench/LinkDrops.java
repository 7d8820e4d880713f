package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.LiveClient;
import dev.torii.testing.TestAccount;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Subscribers of a process whose link to Redis is dropped again and again, while another process
 * changes what they follow.
 */
final class LinkDrops implements Figure {
  private static final int PRODUCTS = 20;
  private static final int SUBSCRIBERS = 200;
  private static final int UPDATES = 1_000;
  private static final int DROPS = 20;

  /** Updates from one drop to the next, and while a link that was cut stays so. */
  private static final int APART = UPDATES / DROPS;

  private static final int CUT_FOR = 20;
  private static final Duration CONVERGED = Duration.ofSeconds(5);
  private static final String EMAIL = "root@example.org";
  private static final String PASSWORD = "violet-tractor-root-41";

  @Override
  public String name() {
    return "link-drops";
  }

  @Override
  public Set<Integer> proxied() {
    return Set.of(1);
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("TORII_ADMIN_EMAIL", EMAIL, "TORII_ADMIN_PASSWORD", PASSWORD);
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    ApiClient admin = bed.api(0).as(TestAccount.login(bed.api(0), EMAIL, PASSWORD).accessToken());
    List<Long> products = new ArrayList<>();
    for (int i = 0; i < PRODUCTS; i++) {
      products.add(product(admin, i));
    }
    List<Subscriber> subscribers = new ArrayList<>();
    try {
      for (int i = 0; i < SUBSCRIBERS; i++) {
        Long own = i % 2 == 0 ? null : products.get(i / 2 % PRODUCTS);
        subscribers.add(new Subscriber(bed, own));
      }
      Map<Long, Long> truth = update(bed, admin, products);
      long healed = System.nanoTime();
      while (!subscribers.stream().allMatch(one -> one.knows(truth))
          && System.nanoTime() - healed < CONVERGED.toNanos()) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healed);
      return verdict(subscribers, truth, millis);
    } finally {
      subscribers.forEach(one -> one.client.close());
    }
  }

  /** Changes stocks while the other process loses its link, and gives the last versions. */
  private static Map<Long, Long> update(FigureBed bed, ApiClient admin, List<Long> products) {
    Map<Long, Long> versions = new HashMap<>();
    for (int update = 0; update < UPDATES; update++) {
      int phase = update % APART;
      boolean cuts = update / APART % 2 == 1;
      if (phase == APART / 4 && cuts) {
        bed.proxy(1).cut();
      } else if (phase == APART / 4) {
        bed.proxy(1).reset();
      } else if (phase == APART / 4 + CUT_FOR && cuts) {
        bed.proxy(1).heal();
      }
      long product = products.get(update % PRODUCTS);
      JsonObject change = new JsonObject().put("delta", -1);
      Answer changed = admin.post("/products/" + product + "/stock", change);
      versions.put(product, required(changed, 200).getLong("version"));
    }
    return versions;
  }

  private static List<String> verdict(
      List<Subscriber> subscribers, Map<Long, Long> truth, long millis) {
    long wrong = subscribers.stream().filter(one -> !one.knows(truth)).count();
    long duplicates = subscribers.stream().mapToLong(one -> one.duplicates).sum();
    long unnoticed = subscribers.stream().mapToLong(one -> one.unnoticed).sum();
    long events = subscribers.stream().mapToLong(one -> one.events).sum();
    long losses = subscribers.stream().mapToLong(one -> one.losses).sum();
    long gaps = subscribers.stream().mapToLong(one -> one.gaps).sum();
    List<String> lines =
        List.of(
            DROPS + " drops, " + UPDATES + " updates, " + SUBSCRIBERS + " subscribers",
            "events heard: " + events + ", times that one was told of a loss: " + losses,
            "all know the final values " + millis + " ms after the last update; not: " + wrong,
            "gaps told: " + gaps + ", gaps unnoticed: " + unnoticed,
            "duplicates or older after newer: " + duplicates);
    if (wrong > 0 || unnoticed > 0 || duplicates > 0 || losses == 0) {
      throw new AssertionError(String.join("; ", lines));
    }
    return lines;
  }

  private static long product(ApiClient admin, int number) {
    Answer created =
        admin.post(
            "/products",
            new JsonObject()
                .put("name", "Tea no. " + number)
                .put("price_cents", 450)
                .put("currency", "EUR")
                .put("category", "tea")
                .put("stock", UPDATES));
    return required(created, 201).getJsonObject("product").getLong("id");
  }

  private static JsonObject required(Answer answer, int status) {
    if (answer.status() != status) {
      throw new AssertionError(answer.status() + " " + answer.text());
    }
    return answer.json();
  }

  /** One client, which counts what it should not have heard, and what it should have. */
  private static final class Subscriber {
    private final LiveClient client;

    /** Null for all products. */
    private final Long product;

    private final Map<Long, Long> versions = new HashMap<>();

    /** Whether versions may be missing, because the client was told of a gap. */
    private boolean excused;

    private long events;
    private long duplicates;
    private long unnoticed;
    private long losses;
    private long gaps;

    Subscriber(FigureBed bed, Long product) throws IOException {
      this.product = product;
      client = LiveClient.connect(bed.base(1));
      client.subscribe(product == null ? "stock" : "stock:" + product);
    }

    boolean knows(Map<Long, Long> truth) {
      client.rest().forEach(this::hear);
      return product == null
          ? versions.entrySet().containsAll(truth.entrySet())
          : truth.get(product).equals(versions.get(product));
    }

    private void hear(JsonObject message) {
      switch (message.getString("type")) {
        case "event" -> count(message.getJsonObject("data"));
        case "degraded" -> losses++;
        case "live" -> {
          if (!message.getBoolean("recovered")) {
            gaps++;
            excused = true;
          }
        }
        default -> throw new AssertionError("unexpected: " + message);
      }
    }

    private void count(JsonObject data) {
      long about = data.getLong("product_id");
      long version = data.getLong("version");
      Long before = versions.put(about, version);
      events++;
      if (before != null && version <= before) {
        duplicates++;
      } else if (before != null && version > before + 1 && !excused) {
        unnoticed++;
      }
    }
  }
}
