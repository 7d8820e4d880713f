package dev.torii.gate;

import dev.torii.http.Operation;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.Rule;
import dev.torii.ratelimit.Rules;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/**
 * The rules that count the requests of one route: worked out once for each state of the rules.
 * Belongs to one event loop.
 */
final class RouteLimits {
  private final LiveRules live;
  private final LimitedRoutes routes;
  private final Operation operation;
  private final String named;
  private final MeterRegistry registry;
  private Rules seen;
  private Bound[] bound;

  /**
   * @param named the rule that the route names, null for none
   */
  RouteLimits(
      LiveRules live,
      LimitedRoutes routes,
      Operation operation,
      String named,
      MeterRegistry registry) {
    this.live = live;
    this.routes = routes;
    this.operation = operation;
    this.named = named;
    this.registry = registry;
  }

  Operation operation() {
    return operation;
  }

  /** The rules in force for this route; not to be written to. */
  Bound[] now() {
    Rules current = live.now();
    if (current != seen) {
      List<Rule> rules = current.of(operation, named);
      bound = new Bound[rules.size()];
      for (int i = 0; i < bound.length; i++) {
        Rule rule = rules.get(i);
        bound[i] =
            new Bound(
                rule,
                routes.isShared(rule.name(), current),
                new RuleMetrics(registry, rule.name()));
      }
      seen = current;
    }
    return bound;
  }

  /**
   * A rule and where it is counted.
   *
   * @param shared whether other rules count some of its requests too
   */
  record Bound(Rule rule, boolean shared, RuleMetrics metrics) {}
}
