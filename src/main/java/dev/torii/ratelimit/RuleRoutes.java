package dev.torii.ratelimit;

import dev.torii.config.AppConfig.Limit;
import dev.torii.config.ConfigSchema;
import dev.torii.http.Contract;
import dev.torii.http.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Holds the routes that rules name against the contract. */
public final class RuleRoutes {
  private RuleRoutes() {}

  /** Whether a rule names routes or a counter, so that the contract has to be asked. */
  public static boolean named(Map<String, Limit> limits) {
    return limits.values().stream()
        .anyMatch(limit -> !limit.routes().isEmpty() || !limit.endpoint().isEmpty());
  }

  /**
   * What rules name that the contract does not have, and counters that operations have already; one
   * line for each fault.
   */
  public static List<String> faults(Map<String, Limit> limits, Contract contract) {
    List<String> faults = new ArrayList<>();
    new TreeMap<>(limits)
        .forEach(
            (name, limit) -> {
              limit.routes().forEach(r -> check(name, limit, r, contract, faults));
              checkCounter(name, limit, limits.get(Rules.DEFAULT), contract, faults);
            });
    return faults;
  }

  /** Names of rules that count nothing: nobody names them, and their routes mean no operation. */
  public static List<String> idle(
      Map<String, Limit> limits, Iterable<String> builtIn, Contract contract) {
    Map<String, Limit> left = new TreeMap<>(limits);
    builtIn.forEach(left::remove);
    left.values()
        .removeIf(limit -> contract.operations().stream().anyMatch(o -> Rules.means(limit, o)));
    return List.copyOf(left.keySet());
  }

  /** The rule that counts each operation for itself has the ids of operations for counters. */
  private static void checkCounter(
      String name, Limit limit, Limit byOperation, Contract contract, List<String> faults) {
    boolean ours = limit.endpoint().isEmpty() && ConfigSchema.builtInRules().contains(name);
    if (ours
        || byOperation == null
        || limit.subject() != byOperation.subject()
        || limit.algorithm() != byOperation.algorithm()) {
      return;
    }
    String counter = limit.endpoint().isEmpty() ? name : limit.endpoint();
    if (contract.operations().stream().anyMatch(operation -> operation.id().equals(counter))) {
      faults.add(
          "limits." + name + ".endpoint cannot be " + counter + ": an operation is counted so");
    }
  }

  private static void check(
      String name, Limit limit, String route, Contract contract, List<String> faults) {
    RoutePattern pattern = RoutePattern.of(route);
    List<Operation> meant = contract.operations().stream().filter(pattern::matches).toList();
    if (meant.isEmpty()) {
      faults.add("limits." + name + ".routes: openapi.yaml has no " + route);
    } else if (pattern.kind() == RoutePattern.Kind.PATH
        && Rules.needsCaller(limit.subject())
        && meant.stream().allMatch(Operation::isOpenToAnyone)) {
      String subject = limit.subject().name().toLowerCase(Locale.ROOT).replace('_', '-');
      faults.add(
          "limits." + name + ".subject cannot be " + subject + ": " + route + " knows no caller");
    }
  }
}
