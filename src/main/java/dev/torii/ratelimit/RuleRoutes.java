package dev.torii.ratelimit;

import dev.torii.config.ConfigSchema;
import dev.torii.config.Limit;
import dev.torii.config.Limit.Subject;
import dev.torii.http.Caller.Role;
import dev.torii.http.Contract;
import dev.torii.http.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

  /** What is of no effect though it is no fault; one line for each. */
  public static List<String> warnings(
      Map<String, Limit> limits, Set<String> builtIn, Contract contract) {
    List<String> warnings = new ArrayList<>();
    idle(limits, builtIn, contract).forEach(rule -> warnings.add(idleWords(rule)));
    new TreeMap<>(limits)
        .forEach(
            (name, limit) -> {
              List<Operation> counted =
                  contract.operations().stream().filter(o -> Rules.means(limit, o)).toList();
              for (Role role : Tiers.of(limit.tiers()).byRole().keySet()) {
                // the routes that name a built-in rule are not in the contract
                boolean known = !builtIn.contains(name) && !counted.isEmpty();
                if (!has(limit.subject(), role)
                    || (known && counted.stream().noneMatch(o -> admits(o, role)))) {
                  warnings.add(
                      "limits."
                          + name
                          + ".tiers: the rule counts no request of the role "
                          + role.spelling());
                }
              }
            });
    return warnings;
  }

  /** What is said of a rule that counts nothing. */
  static String idleWords(String rule) {
    return "limits." + rule + " has no effect: no route is limited by it";
  }

  /** Whether callers of a role can be what a rule counts by. */
  private static boolean has(Subject subject, Role role) {
    return switch (subject) {
      case SESSION -> role != Role.SERVICE;
      case API_KEY -> role == Role.SERVICE;
      case USER, IP, FIELD -> true;
    };
  }

  private static boolean admits(Operation operation, Role role) {
    return !operation.isOpenToAnyone() && (role != Role.SERVICE || operation.isForServices());
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
