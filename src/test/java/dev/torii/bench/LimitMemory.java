package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.TestAccount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a counter of each algorithm takes in Redis when its limit is used up. */
final class LimitMemory implements Figure {
  private static final int LIMIT = 1_000;
  private static final List<String> ALGORITHMS =
      List.of("sliding-log", "fixed-window", "sliding-window", "gcra");

  @Override
  public String name() {
    return "limit-memory";
  }

  @Override
  public Map<String, String> environment() {
    var all = new HashMap<String, String>();
    for (String algorithm : ALGORITHMS) {
      String rule =
          "TORII_LIMITS_BENCH_" + algorithm.toUpperCase(Locale.ROOT).replace('-', '_') + "_";
      all.put(rule + "LIMIT", Integer.toString(LIMIT));
      all.put(rule + "WINDOW_SECONDS", "3600");
      all.put(rule + "ALGORITHM", algorithm);
      all.put(rule + "ROUTES", "/api/profiles/{user_id}");
      all.put(rule + "METHODS", "GET");
    }
    return all;
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    TestAccount account = TestAccount.register(bed.api(0));
    ApiClient own = bed.api(0).as(account.accessToken());
    for (int i = 0; i < LIMIT / 2; i++) {
      int status = own.get(account.profilePath()).status();
      if (status != 200) {
        throw new AssertionError("read " + i + " answered " + status);
      }
    }
    List<String> lines = new ArrayList<>();
    for (String key : bed.redis().probe().keys("rate:*")) {
      if (key.contains("bench-")) {
        long bytes = bed.redis().probe().number("MEMORY", "USAGE", key, "SAMPLES", "0");
        lines.add(
            key.replace(account.userId(), "<user>")
                + ": "
                + bytes
                + " bytes after "
                + LIMIT / 2
                + " requests");
      }
    }
    if (lines.size() != ALGORITHMS.size()) {
      throw new AssertionError("counters: " + lines);
    }
    return lines;
  }
}
