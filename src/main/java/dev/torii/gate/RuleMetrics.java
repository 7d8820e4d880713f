package dev.torii.gate;

import dev.torii.ratelimit.Decision;
import dev.torii.ratelimit.Rules;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what one rule said. */
final class RuleMetrics {
  private final Counter admitted;
  private final Counter refused;
  private final Counter near;
  private final Counter shadowRefused;

  RuleMetrics(MeterRegistry registry, String rule) {
    this.admitted = counter(registry, rule, "admitted", "Requests that a rule let go on");
    this.refused = counter(registry, rule, "refused", "Requests that a rule refused");
    this.near = counter(registry, rule, "near", "Requests with most of their limit used");
    this.shadowRefused =
        counter(registry, rule, "shadow.refused", "Requests that a rule in shadow would refuse");
  }

  void count(Decision decision) {
    if (decision.admitted()) {
      admitted.increment();
      if (decision.isNear()) {
        near.increment();
      }
    } else {
      (decision.rule().terms().shadow() ? shadowRefused : refused).increment();
    }
  }

  private static Counter counter(
      MeterRegistry registry, String rule, String name, String description) {
    return Counter.builder(Rules.METRICS + name)
        .description(description)
        .tag("rule", rule)
        .register(registry);
  }
}
