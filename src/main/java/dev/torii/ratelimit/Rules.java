package dev.torii.ratelimit;

import dev.torii.config.Limit;
import dev.torii.config.Limit.Subject;
import dev.torii.http.Operation;
import dev.torii.tokens.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The rules of the configuration, by name: one immutable state of them. */
public final class Rules {
  /** The rule that counts each operation for itself. */
  public static final String DEFAULT = "default";

  /** How the names of a rule's own metrics begin. */
  public static final String METRICS = "torii.limit.";

  private static final int FINGERPRINT_DIGITS = 12;

  private final Map<String, Limit> limits;
  private final String fingerprint;

  public Rules(Map<String, Limit> limits) {
    this.limits = Map.copyOf(limits);
    String text = new TreeMap<>(limits).toString();
    this.fingerprint = Sha256.hex(text).substring(0, FINGERPRINT_DIGITS);
  }

  /** The same in every process that has the same rules, and hardly so where one differs. */
  String fingerprint() {
    return fingerprint;
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
    String endpoint = name.equals(DEFAULT) ? operationId : name;
    return Rule.of(name, limit.endpoint().isEmpty() ? endpoint : limit.endpoint(), limit);
  }

  /**
   * Why a rule cannot count the operations of a route that names it, null when it can.
   *
   * @param named null when the route names none
   */
  public String fault(Operation operation, String named) {
    Limit limit = named == null ? null : limits.get(named);
    return limit != null && operation.isOpenToAnyone() && needsCaller(limit.subject())
        ? "limits."
            + named
            + ".subject cannot be "
            + limit.subject().name().toLowerCase(Locale.ROOT).replace('_', '-')
            + ": "
            + operation.path()
            + " knows no caller"
        : null;
  }

  /** Whether the configuration has a rule of this name. */
  public boolean has(String name) {
    return limits.containsKey(name);
  }

  /** Whether a rule counts each operation for itself. */
  public boolean countsOperations(String name) {
    return name.equals(DEFAULT) && limits.get(name).endpoint().isEmpty();
  }

  /** Names of all rules, in their order. */
  public Set<String> names() {
    return new TreeMap<>(limits).keySet();
  }

  /** What the configuration says of a rule, null when there is none. */
  public Limit limit(String name) {
    return limits.get(name);
  }

  /** Names of rules that these and others have not in common. */
  public List<String> difference(Rules others) {
    Set<String> all = new TreeSet<>(limits.keySet());
    all.addAll(others.limits.keySet());
    all.removeIf(name -> Objects.equals(limits.get(name), others.limits.get(name)));
    return List.copyOf(all);
  }

  /**
   * All rules that count the requests of an operation: the one that its route names first, then
   * those whose routes mean it, by name.
   *
   * @param named null when the route names none
   */
  public List<Rule> of(Operation operation, String named) {
    List<Rule> found = new ArrayList<>();
    if (named != null) {
      found.add(rule(named, operation.id()));
    }
    for (String name : names()) {
      if (!name.equals(named) && means(limits.get(name), operation)) {
        found.add(rule(name, operation.id()));
      }
    }
    return List.copyOf(found);
  }

  /** The rules that count such subjects with one counter each. */
  public List<Rule> counting(Subject subject) {
    List<Rule> found = new ArrayList<>();
    for (String name : names()) {
      if (limits.get(name).subject() == subject && !countsOperations(name)) {
        found.add(rule(name, name));
      }
    }
    return found;
  }

  /** Whether a rule's own routes mean an operation. */
  static boolean means(Limit limit, Operation operation) {
    if (!limit.methods().isEmpty() && !limit.methods().contains(operation.method().name())) {
      return false;
    }
    if (operation.isOpenToAnyone() && needsCaller(limit.subject())) {
      return false;
    }
    return limit.routes().stream().anyMatch(route -> RoutePattern.of(route).matches(operation));
  }

  /** Whether a subject is known of callers with a token or a key only. */
  public static boolean needsCaller(Subject subject) {
    return subject == Subject.USER || subject == Subject.SESSION || subject == Subject.API_KEY;
  }
}
