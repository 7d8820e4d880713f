package dev.torii.bench;

import dev.torii.bench.Accounts.Account;
import dev.torii.bench.Meter.Measurement;
import dev.torii.bench.Scenario.Request;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** What further rules and the level in memory change in the cost of a cached profile. */
final class GateCost implements Figure {
  private static final List<String> VARIANTS =
      List.of("1 rule", "2 rules", "4 rules", "1 rule, L1 on");

  @Override
  public String name() {
    return "gate-cost";
  }

  @Override
  public int nodes() {
    return VARIANTS.size();
  }

  @Override
  public Map<String, String> environment() {
    return Map.of(
        "TORII_LIMITS_PROFILES_READ_WINDOW_SECONDS", "2",
        "TORII_CACHES_PROFILES_TTL_SECONDS", "3600",
        "TORII_AUTH_ACCESS_TTL_SECONDS", "86400");
  }

  @Override
  public Map<String, String> environmentOf(int node) {
    var all = new HashMap<String, String>();
    int further = node == 1 ? 1 : node == 2 ? 3 : 0;
    for (int i = 1; i <= further; i++) {
      String rule = "TORII_LIMITS_FURTHER_" + i + "_";
      all.put(rule + "LIMIT", "1000000");
      all.put(rule + "WINDOW_SECONDS", "2");
      all.put(rule + "ROUTES", "/api/profiles/{user_id}");
      all.put(rule + "METHODS", "GET");
    }
    if (node == 3) {
      all.put("TORII_CACHES_PROFILES_L1_ENTRIES", "10000");
      all.put("TORII_CACHES_PROFILES_L1_SECONDS", "3600");
    }
    return all;
  }

  @Override
  public List<String> run(FigureBed bed) throws Exception {
    Settings settings = bed.settings();
    List<Account> users = new Accounts(bed.node(0)).create(settings.users());
    var hit =
        new Scenario(
            "hit",
            settings.connections(),
            users.stream()
                .map(u -> Request.get(u.profilePath(), u.token(), 200, "\"cached\":true"))
                .toList());
    var live =
        new Scenario(
            "live", settings.connections(), List.of(Request.get("/health/live", null, 200, "")));
    try (var redis = RedisProbe.connect(bed.redis().uri())) {
      List<Meter> meters =
          bed.nodes().stream().map(node -> new Meter(node, bed.redis().uri(), redis)).toList();
      for (Meter meter : meters) {
        meter.measure(live, settings.warmUp());
        meter.measure(hit, settings.warmUp());
      }
      List<List<Measurement>> hits = lists();
      List<List<Measurement>> lives = lists();
      List<Integer> order = new ArrayList<>(IntStream.range(0, nodes()).boxed().toList());
      for (int repeat = 0; repeat < settings.repeats(); repeat++) {
        for (int node : order) {
          lives.get(node).add(meters.get(node).measure(live, settings.run()));
          hits.get(node).add(meters.get(node).measure(hit, settings.run()));
        }
        Collections.reverse(order);
      }
      return lines(hits, lives);
    }
  }

  private static List<String> lines(List<List<Measurement>> hits, List<List<Measurement>> lives) {
    List<String> lines = new ArrayList<>();
    for (int node = 0; node < VARIANTS.size(); node++) {
      List<Measurement> own = hits.get(node);
      long errors = own.stream().mapToLong(m -> m.load().errors()).sum();
      if (errors > 0) {
        throw new AssertionError(VARIANTS.get(node) + ": " + errors + " wrong answers");
      }
      List<Measurement> first = hits.get(0);
      List<Measurement> live = lives.get(node);
      lines.add(
          String.format(
              "%-14s server %s us, over live %s, over 1 rule %s; Redis %s us; %s req/s",
              VARIANTS.get(node),
              spread(own, Measurement::serverMicros).show(1),
              ratio(own, live).show(2),
              ratio(own, first).show(2),
              spread(own, Measurement::redisMicros).show(1),
              spread(own, m -> m.load().requestsPerSecond()).show(0)));
    }
    return lines;
  }

  /** Run by run, since the machine changes over time. */
  private static Spread ratio(List<Measurement> of, List<Measurement> base) {
    return Spread.of(
        IntStream.range(0, of.size())
            .mapToDouble(i -> of.get(i).serverMicros() / base.get(i).serverMicros()));
  }

  private static Spread spread(List<Measurement> of, ToDoubleFunction<Measurement> figure) {
    return Spread.of(of.stream().mapToDouble(figure));
  }

  private static List<List<Measurement>> lists() {
    return VARIANTS.stream().<List<Measurement>>map(variant -> new ArrayList<>()).toList();
  }
}
