package dev.torii.ratelimit;

import dev.torii.config.AppConfig.Limit;
import dev.torii.config.AppConfig.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rules of the configuration, by name. */
public final class Rules {
  /** The rule that counts each operation for itself. */
  private static final String DEFAULT = "default";

  private final Map<String, Limit> limits;

  public Rules(Map<String, Limit> limits) {
    this.limits = Map.copyOf(limits);
  }

  /**
   * The rule for one operation of the contract.
   *
   * @throws IllegalArgumentException when the configuration has no such rule
   */
  public Rule rule(String name, String operationId) {
    Limit limit = limits.get(name);
    if (limit == null) {
      throw new IllegalArgumentException("no limit rule " + name);
    }
    return Rule.of(name, name.equals(DEFAULT) ? operationId : name, limit);
  }

  /** The rules that count such subjects, but for the one that counts each operation for itself. */
  public List<Rule> counting(Subject subject) {
    List<Rule> found = new ArrayList<>();
    new TreeMap<>(limits)
        .forEach(
            (name, limit) -> {
              if (limit.subject() == subject && !name.equals(DEFAULT)) {
                found.add(Rule.of(name, name, limit));
              }
            });
    return found;
  }

  /** Whether the configuration has a rule of this name. */
  public boolean has(String name) {
    return limits.containsKey(name);
  }
}
