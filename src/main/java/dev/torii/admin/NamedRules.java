package dev.torii.admin;

import dev.torii.auth.AuthApi;
import dev.torii.config.Limit.Algorithm;
import dev.torii.config.Limit.Subject;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.gate.LimitedRoutes;
import dev.torii.ratelimit.LimitSubject;
import dev.torii.ratelimit.LiveRules;
import dev.torii.ratelimit.Rule;
import dev.torii.ratelimit.Rules;
import java.util.List;

/** The rules as operators name them; a name that would be of no effect is refused. */
final class NamedRules {
  private final LiveRules rules;
  private final LimitedRoutes routes;

  NamedRules(LiveRules rules, LimitedRoutes routes) {
    this.rules = rules;
    this.routes = routes;
  }

  /**
   * The rule of one counter.
   *
   * @param text its name, {@code default:<operation>} for the rule that counts each for itself
   * @throws Failure NOT_FOUND when nothing is counted under that name
   */
  Rule counter(String text) {
    Rules now = rules.now();
    if (now.has(text) && now.countsOperations(text)) {
      String detail = "this rule counts each operation for itself: name one, " + text + ":<id>";
      throw Failure.of(ErrorCode.NOT_FOUND, detail);
    }
    return find(text);
  }

  /**
   * The name that a limit of a single subject has; a rule that counts each operation for itself may
   * be meant as a whole.
   *
   * @throws Failure NOT_FOUND when nothing is counted under that name for such a subject
   */
  Rule overridable(String text, String subject) {
    Rule rule = find(text);
    Subject kind = LimitSubject.kind(subject);
    boolean counted =
        rule.subject() == kind || (rule.subject() == Subject.FIELD && kind == Subject.IP);
    if (!counted) {
      String detail =
          kind == Subject.API_KEY && rule.subject() == Subject.USER
              ? "this rule counts an API key like a user: name its id alone"
              : "this rule does not count such subjects";
      throw Failure.of(ErrorCode.NOT_FOUND, detail);
    }
    return rule;
  }

  /**
   * The rule whose logs can be replayed.
   *
   * @throws Failure NOT_FOUND as {@link #counter} does, INVALID when it keeps no logs
   */
  Rule logged(String text) {
    Rule rule = counter(text);
    if (rule.terms().algorithm() != Algorithm.SLIDING_LOG) {
      String detail = "must be a rule that counts requests in sliding logs";
      throw Failure.invalid(List.of(new FieldError("/rule/endpoint", detail)));
    }
    return rule;
  }

  /** The rules that may count a kind of subjects with one counter each. */
  List<Rule> counting(Subject kind) {
    List<Rule> counting = rules.now().counting(kind);
    counting.removeIf(rule -> rule.name().equals(AuthApi.LOGIN_RULE));
    return counting;
  }

  /** The rule that counts each operation for itself, once for each, if it counts such subjects. */
  List<Rule> countingOperations(Subject kind) {
    Rules now = rules.now();
    return now.countsOperations(Rules.DEFAULT) && now.limit(Rules.DEFAULT).subject() == kind
        ? routes.countedBy(Rules.DEFAULT, now).stream()
            .map(operation -> now.rule(Rules.DEFAULT, operation))
            .toList()
        : List.of();
  }

  /** How a counter is named; the other way round than {@link #counter}. */
  String nameOf(Rule rule) {
    return rules.now().countsOperations(rule.name()) && !rule.endpoint().equals(rule.name())
        ? rule.name() + ":" + rule.endpoint()
        : rule.name();
  }

  /** Whether who is blocked under this name cannot make the calls that would end the block. */
  boolean countsTheCallsThatUnblock(String text) {
    int colon = text.indexOf(':');
    String unblock = "removeLimitOverride";
    return colon < 0
        ? routes.counts(text, unblock, rules.now())
        : text.substring(colon + 1).equals(unblock);
  }

  private Rule find(String text) {
    Rules now = rules.now();
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    if (!now.has(name) || name.equals(AuthApi.LOGIN_RULE)) {
      throw Failure.of(ErrorCode.NOT_FOUND, "no such rule");
    }
    if (colon < 0) {
      return now.rule(name, name);
    }
    String operation = text.substring(colon + 1);
    if (!now.countsOperations(name) || !routes.counts(name, operation, now)) {
      throw Failure.of(ErrorCode.NOT_FOUND, "this rule counts no such operation for itself");
    }
    return now.rule(name, operation);
  }
}
