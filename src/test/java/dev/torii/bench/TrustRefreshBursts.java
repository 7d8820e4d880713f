package dev.torii.bench;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import dev.torii.testing.SessionRaces;
import dev.torii.testing.SessionRaces.Burst;
import dev.torii.testing.SessionRaces.Chains;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** One refresh token spent by fifty clients at once over two processes. */
final class TrustRefreshBursts implements Figure {
  private static final int ROUNDS = 100;
  private static final int PARALLEL = 50;
  private static final int GRACE_SECONDS = 5;

  @Override
  public String name() {
    return "refresh-bursts";
  }

  @Override
  public Map<String, String> environment() {
    return Map.of(
        "TORII_AUTH_REFRESH_GRACE_SECONDS", Integer.toString(GRACE_SECONDS),
        "TORII_AUTH_ARGON2_MEMORY_KIB", "8192",
        "TORII_AUTH_ARGON2_ITERATIONS", "1");
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    var races = new SessionRaces(List.of(bed.api(0), bed.api(1)));
    List<Burst> bursts = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      bursts.add(races.burst(PARALLEL));
    }
    TimeUnit.SECONDS.sleep(GRACE_SECONDS + 1);
    List<Chains> chains = bursts.stream().map(races::chains).toList();
    List<String> lines =
        List.of(
            ROUNDS + " rounds of " + PARALLEL + " parallel refreshes over two processes",
            "living chains per round: " + count(chains.stream().map(Chains::chains).toList()),
            "accepted access tokens per round: "
                + count(chains.stream().map(Chains::access).toList()),
            "answers 5xx: " + bursts.stream().mapToLong(Burst::failures).sum(),
            "answers other than 200: " + bursts.stream().mapToLong(Burst::refusals).sum(),
            "reuse after the grace time: " + count(chains.stream().map(Chains::reuse).toList()),
            "accepted of a family after reuse: "
                + chains.stream().mapToLong(Chains::survivors).sum());
    boolean kept =
        bursts.stream().allMatch(burst -> burst.refusals() == 0)
            && chains.stream().allMatch(new Chains(1, 1, "token-reused", 0)::equals);
    if (!kept) {
      throw new AssertionError(String.join("; ", lines));
    }
    return lines;
  }

  private static <T> Map<T, Long> count(List<T> values) {
    return values.stream().collect(groupingBy(value -> value, TreeMap::new, counting()));
  }
}
