package dev.torii.testing;

import dev.torii.testing.ApiClient.Answer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Steady requests to every process of a cluster that notice each answer which is late, wrong, or
 * given to a revoked token.
 *
 * <p>One writer counts up in the first name of a profile; readers on every process must see at
 * least the last number that was acknowledged before they asked.
 */
public final class Traffic implements AutoCloseable {
  private static final Duration LATEST_ANSWER = Duration.ofSeconds(2);
  private static final int PAUSE_MILLIS = 10;
  private static final int MOST_FAULTS = 20;

  private final TestAccount account;
  private final ScheduledExecutorService threads;
  private final AtomicLong attempted = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong hits = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private final Queue<String> revoked = new ConcurrentLinkedQueue<>();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final Map<Integer, Long> statuses = new TreeMap<>();
  private Duration slowest = Duration.ZERO;

  private Traffic(TestAccount account, int threads) {
    this.account = account;
    this.threads = Executors.newScheduledThreadPool(threads);
  }

  /** Starts one writer in all, and two readers and one user of revoked tokens for each process. */
  public static Traffic start(ToriiCluster cluster) {
    List<ApiClient> nodes = cluster.nodes().stream().map(ToriiProcess::api).toList();
    TestAccount account = TestAccount.register(nodes.get(0));
    var traffic = new Traffic(account, 1 + 3 * nodes.size());
    traffic.repeat(() -> traffic.write(nodes));
    for (ApiClient node : nodes) {
      ApiClient own = node.as(account.accessToken());
      traffic.repeat(() -> traffic.read(own));
      traffic.repeat(() -> traffic.read(own));
      traffic.repeat(() -> traffic.useRevoked(node));
    }
    return traffic;
  }

  /** Adds an access token whose revocation was acknowledged. */
  public void revoked(String accessToken) {
    revoked.add(accessToken);
  }

  /** Answers so far. */
  public long answers() {
    return answers.get();
  }

  /** Writes that were acknowledged so far. */
  public long acknowledgedWrites() {
    return acknowledged.get();
  }

  /** Reads that the cache answered so far. */
  public long cacheHits() {
    return hits.get();
  }

  /** Uses of revoked tokens that were refused so far. */
  public long refusals() {
    return refusals.get();
  }

  /** What was wrong, empty when nothing was. */
  public Collection<String> faults() {
    return List.copyOf(faults);
  }

  /** How many answers of each status there were, and the slowest. */
  public synchronized String summary() {
    return statuses + ", slowest " + slowest.toMillis() + " ms";
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a request does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What goes wrong in {@code work} is a fault, so nobody has to look at its future. */
  @SuppressWarnings("FutureReturnValueIgnored")
  private void repeat(Runnable work) {
    threads.scheduleWithFixedDelay(
        () -> {
          try {
            work.run();
          } catch (RuntimeException | AssertionError e) {
            if (!threads.isShutdown()) {
              fault(e.toString());
            }
          }
        },
        0,
        PAUSE_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  private void write(List<ApiClient> nodes) {
    long number = attempted.incrementAndGet();
    ApiClient node = nodes.get((int) (number % nodes.size())).as(account.accessToken());
    Answer answer =
        node.put(account.profilePath(), new JsonObject().put("first_name", "n" + number));
    seen("write", answer, List.of(200, 503, 504));
    if (answer.status() == 200) {
      acknowledged.set(number);
    }
  }

  private void read(ApiClient own) {
    long atLeast = acknowledged.get();
    Answer answer = own.get(account.profilePath());
    seen("read", answer, List.of(200, 503, 504));
    if (answer.status() == 200) {
      JsonObject body = answer.json();
      hits.addAndGet(body.getBoolean("cached") ? 1 : 0);
      String name = body.getJsonObject("profile").getString("first_name");
      long number = name == null ? 0 : Long.parseLong(name.substring(1));
      if (number < atLeast || number > attempted.get()) {
        fault("read " + number + " after " + atLeast + ", cached " + body.getBoolean("cached"));
      }
    }
  }

  private void useRevoked(ApiClient node) {
    for (String token : revoked) {
      Answer answer = node.as(token).get(account.profilePath());
      seen("revoked", answer, List.of(401, 503, 504));
      refusals.addAndGet(answer.status() == 401 ? 1 : 0);
    }
  }

  private void seen(String what, Answer answer, List<Integer> allowed) {
    answers.incrementAndGet();
    synchronized (this) {
      statuses.merge(answer.status(), 1L, Long::sum);
      slowest = slowest.compareTo(answer.took()) < 0 ? answer.took() : slowest;
    }
    if (!allowed.contains(answer.status())) {
      fault(what + " was answered " + answer.status() + ": " + answer.text());
    }
    if (answer.took().compareTo(LATEST_ANSWER) > 0) {
      fault(what + " took " + answer.took().toMillis() + " ms: " + answer.status());
    }
  }

  private void fault(String words) {
    if (faults.size() < MOST_FAULTS) {
      faults.add(words);
    }
  }
}
