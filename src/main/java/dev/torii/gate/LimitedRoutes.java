package dev.torii.gate;

import dev.torii.http.Operation;
import dev.torii.ratelimit.Rule;
import dev.torii.ratelimit.Rules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which routes there are and the rule that each names, for operators. Shared by all event loops.
 */
public final class LimitedRoutes {
  private volatile Shared last;
  private final Map<Operation, Optional<String>> namedByOperation = new ConcurrentHashMap<>();

  void note(Operation operation, String named) {
    namedByOperation.put(operation, Optional.ofNullable(named));
  }

  /** What keeps other rules from being put in force: routes that name one it cannot count. */
  public List<String> faults(Rules rules) {
    List<String> faults = new ArrayList<>();
    namedByOperation.forEach(
        (operation, named) -> {
          String fault = rules.fault(operation, named.orElse(null));
          if (fault != null) {
            faults.add(fault);
          }
        });
    return faults;
  }

  /**
   * Whether some operation is counted by this rule and by others too, so that slots of its counters
   * may be given back.
   */
  boolean isShared(String rule, Rules rules) {
    Shared known = last;
    if (known == null || known.of != rules) {
      known = new Shared(rules, shared(rules));
      last = known;
    }
    return known.names.contains(rule);
  }

  private Set<String> shared(Rules rules) {
    Set<String> names = new HashSet<>();
    namedByOperation.forEach(
        (operation, named) -> {
          List<Rule> together = rules.of(operation, named.orElse(null));
          if (together.size() > 1) {
            together.forEach(rule -> names.add(rule.name()));
          }
        });
    return names;
  }

  /** Whether a rule counts the requests of an operation; {@code id} is of the contract. */
  public boolean counts(String rule, String id, Rules rules) {
    return namedByOperation.entrySet().stream()
        .filter(each -> id.equals(each.getKey().id()))
        .flatMap(each -> rules.of(each.getKey(), each.getValue().orElse(null)).stream())
        .anyMatch(counting -> counting.name().equals(rule));
  }

  /** The ids of the operations that a rule counts, in their order. */
  public List<String> countedBy(String rule, Rules rules) {
    return namedByOperation.keySet().stream()
        .map(Operation::id)
        .filter(id -> counts(rule, id, rules))
        .sorted()
        .toList();
  }

  /** The operations that each rule counts, such as {@code GET /auth/me}, by name of the rule. */
  public Map<String, List<String>> byRule(Rules rules) {
    Map<String, List<String>> found = new TreeMap<>();
    namedByOperation.forEach(
        (operation, named) -> {
          for (Rule rule : rules.of(operation, named.orElse(null))) {
            found.computeIfAbsent(rule.name(), n -> new ArrayList<>()).add(operation.toString());
          }
        });
    found.values().forEach(operations -> operations.sort(null));
    return found;
  }

  /** Names of the rules that are not alone somewhere, under one state of the rules. */
  private record Shared(Rules of, Set<String> names) {}
}
