package dev.torii.gate;

import dev.torii.http.Operation;
import dev.torii.ratelimit.Rule;
import dev.torii.ratelimit.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which routes there are and the rule that each names, for operators. Shared by all event loops.
 */
public final class LimitedRoutes {
  private final Map<Operation, Optional<String>> namedByOperation = new ConcurrentHashMap<>();

  void note(Operation operation, String named) {
    namedByOperation.put(operation, Optional.ofNullable(named));
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
}
