package dev.torii.bench;

import dev.torii.redis.Keys;
import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Ten times the limit at once over two processes, again and again. */
final class LimitExactness implements Figure {
  private static final int LIMIT = 50;
  private static final int WINDOW_SECONDS = 2;
  private static final int WINDOWS = 20;
  private static final int READ_EVERY_MILLIS = 100;
  private static final int AT_ONCE = 10 * LIMIT;

  /** Pauses between bursts as parts of the window, so that windows overlap the bursts. */
  private static final double[] PAUSES = {1.05, 0.4, 0.7, 0.55, 1.2};

  @Override
  public String name() {
    return "limit-exactness";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of(
        "TORII_LIMITS_PROFILES_READ_LIMIT", Integer.toString(LIMIT),
        "TORII_LIMITS_PROFILES_READ_WINDOW_SECONDS", Integer.toString(WINDOW_SECONDS));
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    TestAccount account = TestAccount.register(bed.api(0));
    List<ApiClient> nodes =
        List.of(bed.api(0).as(account.accessToken()), bed.api(1).as(account.accessToken()));
    String key = Keys.slidingLog(account.userId(), "profiles-read");
    var admittedAt = new ConcurrentHashMap<String, Long>();
    ScheduledExecutorService reader = Executors.newSingleThreadScheduledExecutor();
    // An event stays in the log for a whole window, so none is missed.
    var reading =
        reader.scheduleWithFixedDelay(
            () -> collect(bed, key, admittedAt), 0, READ_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    long answered200 = 0;
    long other = 0;
    int fullBursts = 0;
    for (int burst = 0; burst < WINDOWS; burst++) {
      List<Answer> answers =
          IntStream.range(0, AT_ONCE)
              .mapToObj(i -> nodes.get(i % 2))
              .map(node -> node.sendAsync(node.request("GET", account.profilePath())))
              .toList()
              .stream()
              .map(CompletableFuture::join)
              .toList();
      long admitted = answers.stream().filter(answer -> answer.status() == 200).count();
      answered200 += admitted;
      fullBursts += admitted == LIMIT ? 1 : 0;
      other += answers.stream().filter(a -> a.status() != 200 && a.status() != 429).count();
      double pause = PAUSES[burst % PAUSES.length] * WINDOW_SECONDS * 1000;
      TimeUnit.MILLISECONDS.sleep((long) pause);
    }
    collect(bed, key, admittedAt);
    boolean readAll = !reading.isDone();
    reader.shutdownNow();
    long[] times = admittedAt.values().stream().mapToLong(Long::longValue).sorted().toArray();
    int most = most(times);
    List<String> lines =
        List.of(
            WINDOWS + " bursts of " + AT_ONCE + " over two processes, limit " + LIMIT,
            "admitted " + answered200 + ", found in the log " + times.length,
            "bursts that admitted exactly the limit: " + fullBursts,
            "most in any window of " + WINDOW_SECONDS + " s: " + most,
            "answers other than 200 and 429: " + other);
    if (!readAll || most != LIMIT || answered200 != times.length || other > 0 || fullBursts == 0) {
      throw new AssertionError(String.join("; ", lines));
    }
    return lines;
  }

  private static void collect(FigureBed bed, String key, Map<String, Long> admittedAt) {
    try {
      List<?> log = (List<?>) bed.redis().probe().ask("ZRANGE", key, "0", "-1", "WITHSCORES");
      for (int i = 0; i + 1 < log.size(); i += 2) {
        admittedAt.put((String) log.get(i), (long) Double.parseDouble((String) log.get(i + 1)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Most events that any window holds; a window is closed at its end and open at its start. */
  private static int most(long[] sortedMicros) {
    long window = WINDOW_SECONDS * 1_000_000L;
    int most = 0;
    int from = 0;
    for (int to = 0; to < sortedMicros.length; to++) {
      while (sortedMicros[from] <= sortedMicros[to] - window) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }
}
