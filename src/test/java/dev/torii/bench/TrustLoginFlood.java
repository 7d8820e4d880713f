package dev.torii.bench;

import dev.torii.bench.Accounts.Account;
import dev.torii.bench.Scenario.Request;
import dev.torii.testing.ApiClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Logins cost much on purpose; all other requests hardly feel them. */
final class TrustLoginFlood implements Figure {
  private static final int ACCOUNTS = 64;
  private static final Duration LENGTH = Duration.ofSeconds(15);

  /** Pause between two requests of the probe. */
  private static final long PROBE_EVERY_MILLIS = 5;

  /** What the queue of the hashing holds, and four times that. */
  private static final int[] FLOODS = {16, 64};

  @Override
  public String name() {
    return "login-flood";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of(
        "TORII_AUTH_LOGIN_FREE_FAILURES", "1000000",
        "TORII_AUTH_LOGIN_FIRST_WAIT_MS", "0",
        "TORII_LIMITS_LOGIN_FAILURES_LIMIT", "1000000");
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    List<Account> accounts = new Accounts(bed.node(0)).create(ACCOUNTS);
    ApiClient probe = bed.api(0).as(accounts.get(0).token());
    Map<String, String> probed =
        Map.of("/health/live", "/health/live", "profile", accounts.get(0).profilePath());
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, String> path : probed.entrySet()) {
      probe(probe, path.getValue(), new CountDownLatch(0), Duration.ofSeconds(5));
      Histogram quiet = probe(probe, path.getValue(), new CountDownLatch(0), LENGTH);
      lines.add(line(path.getKey(), "quiet", quiet));
      for (int connections : FLOODS) {
        lines.addAll(flood(bed, accounts, connections, path, probe));
      }
    }
    return lines;
  }

  private static List<String> flood(
      FigureBed bed,
      List<Account> accounts,
      int connections,
      Map.Entry<String, String> path,
      ApiClient probe)
      throws Exception {
    List<Request> logins =
        accounts.stream()
            .map(a -> Request.json("POST", "/auth/login", null, a.credentials(), 200, "access"))
            .toList();
    var scenario = new Scenario("logins", connections, logins);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (var generator = LoadGenerator.connect(bed.node(0).address(), scenario, null)) {
      var started = new CountDownLatch(1);
      Future<LoadResult> load =
          threads.submit(
              () -> {
                started.countDown();
                return generator.run(LENGTH.plusSeconds(2));
              });
      Histogram felt = probe(probe, path.getValue(), started, LENGTH);
      LoadResult result = load.get();
      double seconds = result.elapsedNanos() / 1e9;
      return List.of(
          line(path.getKey(), connections + " logins at once", felt),
          String.format(
              Locale.ROOT,
              "  logins %.1f/s, refused %.0f/s (%s), login p99 %.0f ms",
              (result.requests() - result.wrongStatuses()) / seconds,
              result.wrongStatuses() / seconds,
              result.firstFault(),
              result.latencyNanos().getValueAtPercentile(99) / 1e6));
    } finally {
      threads.shutdownNow();
    }
  }

  private static Histogram probe(
      ApiClient api, String path, CountDownLatch started, Duration length) throws Exception {
    started.await();
    var histogram = new Histogram(3);
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() - end < 0) {
      ApiClient.Answer answer = api.get(path);
      if (answer.status() != 200) {
        throw new AssertionError(path + " got " + answer.status());
      }
      histogram.recordValue(answer.took().toNanos());
      TimeUnit.MILLISECONDS.sleep(PROBE_EVERY_MILLIS);
    }
    return histogram;
  }

  private static String line(String what, String when, Histogram histogram) {
    return String.format(
        Locale.ROOT,
        "%-13s %-18s p50 %6.2f ms, p99 %6.2f ms, max %6.2f ms, %d samples",
        what,
        when,
        histogram.getValueAtPercentile(50) / 1e6,
        histogram.getValueAtPercentile(99) / 1e6,
        histogram.getMaxValue() / 1e6,
        histogram.getTotalCount());
  }
}
