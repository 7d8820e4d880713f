package dev.torii.bench;

import dev.torii.redis.Keys;
import dev.torii.testing.ApiClient;
import dev.torii.testing.ApiClient.Answer;
import dev.torii.testing.TestAccount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A thousand readers of one entry that has just ended, over three processes. */
final class OneQuery implements Figure {
  private static final int READERS = 1_000;
  private static final int ROUNDS = 10;

  @Override
  public String name() {
    return "one-query";
  }

  @Override
  public int nodes() {
    return 3;
  }

  /** Nothing else may read the table. */
  @Override
  public Map<String, String> environment() {
    return Map.of("TORII_CACHE_AUDIT_PER_MILLION", "0", "TORII_CACHE_PREWARM_PROFILES", "0");
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    TestAccount account = TestAccount.register(bed.api(0));
    List<ApiClient> nodes =
        IntStream.range(0, nodes()).mapToObj(i -> bed.api(i).as(account.accessToken())).toList();
    String entry = Keys.profile(UUID.fromString(account.userId()));
    nodes.forEach(node -> node.get(account.profilePath()));
    List<Long> queries = new ArrayList<>();
    long wrong = 0;
    long scansBefore = scans(bed);
    for (int round = 0; round < ROUNDS; round++) {
      // As at the end of its life, of which the stale copy is left.
      bed.redis().probe().ask("DEL", entry);
      long before = loads(bed);
      List<Answer> answers =
          IntStream.range(0, READERS)
              .mapToObj(i -> nodes.get(i % nodes.size()))
              .map(node -> node.sendAsync(node.request("GET", account.profilePath())))
              .toList()
              .stream()
              .map(CompletableFuture::join)
              .toList();
      wrong += answers.stream().filter(answer -> answer.status() != 200).count();
      queries.add(loads(bed) - before);
    }
    long scans = scans(bed) - scansBefore;
    List<String> lines =
        List.of(
            ROUNDS + " rounds of " + READERS + " readers over " + nodes.size() + " processes",
            "loads per round, over all processes: " + queries,
            "scans of the table that PostgreSQL counted over all rounds: " + scans,
            "answers other than 200: " + wrong);
    if (wrong > 0 || scans != ROUNDS || queries.stream().anyMatch(count -> count != 1)) {
      throw new AssertionError(String.join("; ", lines));
    }
    return lines;
  }

  /** What the processes say themselves. */
  private static long loads(FigureBed bed) {
    double all = 0;
    for (int node = 0; node < bed.nodes().size(); node++) {
      all +=
          bed.api(node)
              .get("/metrics")
              .text()
              .lines()
              .filter(line -> line.startsWith("torii_cache_loads_total{"))
              .filter(line -> line.contains("cache=\"profiles\""))
              .filter(line -> line.contains("outcome=\"loaded\""))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
              .sum();
    }
    return (long) all;
  }

  /** Scans of the table by the statistics of PostgreSQL, not our own. */
  private static long scans(FigureBed bed) throws Exception {
    // A backend may report as late as ten seconds after its last statement.
    TimeUnit.SECONDS.sleep(11);
    try (var connection = bed.connect();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'profile'")) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
