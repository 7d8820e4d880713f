package dev.torii.config;

import dev.torii.config.Limit.Algorithm;
import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the keys of a rate limit rule must satisfy beyond their types. */
final class LimitChecks {
  /** The rule that login guards itself; it counts failures of its own kind. */
  private static final String LOGIN = "login-failures";

  /** What one request may take of a sliding log, which keeps each slot as a member of a set. */
  private static final int MOST_LOGGED = 1_000;

  private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern ROUTE = Pattern.compile("/[^,\\s]*|tag:[A-Za-z0-9._-]{1,64}");
  private static final Pattern TIER = Pattern.compile("(user|admin|service)=[1-9]\\d{0,8}");

  private LimitChecks() {}

  /** Throws an {@link IllegalArgumentException} that says what must be there and what was. */
  static void check(ConfigKey key, String text) {
    switch (key.name()) {
      case "routes" ->
          each(
              key,
              text,
              item -> ROUTE.matcher(item).matches(),
              "paths such as /api/profiles/{user_id} or /admin/*, or tags such as tag:profiles");
      case "methods" -> each(key, text, METHODS::contains, "GET, POST, PUT, PATCH or DELETE");
      case "tiers" -> {
        each(
            key,
            text,
            item -> TIER.matcher(item).matches(),
            "a role (user, admin, service) and its limit, such as admin=1000");
        long roles =
            items(text).map(item -> item.substring(0, item.indexOf('='))).distinct().count();
        ValueChecks.require(roles == items(text).count(), "must name each role once");
      }
      case "exempt" ->
          each(key, text, ValueChecks::isNetwork, "addresses or networks such as 10.0.0.0/8");
      case "field", "costField", "endpoint" ->
          ValueChecks.require(
              text.isEmpty() || NAME.matcher(text).matches(),
              "must be 1 to 64 letters, digits, dots, dashes or underscores, was "
                  + key.shown(text));
      default -> {
        // Its type says everything.
      }
    }
  }

  /** What is wrong with rules whose keys are right each for itself; one line for each fault. */
  static List<String> checkTogether(Map<String, Limit> limits, int maxBodyBytes) {
    List<String> faults = new ArrayList<>();
    Map<String, String> ruleByEndpoint = new HashMap<>();
    new TreeMap<>(limits)
        .forEach(
            (name, rule) -> {
              String path = ConfigSchema.LIMITS + "." + name;
              if ((rule.subject() == Subject.FIELD) == rule.field().isEmpty()) {
                faults.add(
                    path
                        + ".field must be given where "
                        + path
                        + ".subject is field, and only there");
              }
              if (!rule.costField().isEmpty() && rule.costBytes() > 0) {
                faults.add(path + ".costField and " + path + ".costBytes exclude each other");
              }
              if (!rule.methods().isEmpty() && rule.routes().isEmpty()) {
                faults.add(path + ".methods needs " + path + ".routes");
              }
              checkCost(path, rule, maxBodyBytes, faults);
              String endpoint = rule.endpoint().isEmpty() ? name : rule.endpoint();
              String other = ruleByEndpoint.putIfAbsent(endpoint, name);
              if (other != null) {
                faults.add(path + ".endpoint must not be that of limits." + other);
              }
              if (endpoint.startsWith(LOGIN + "-")) {
                faults.add(
                    path + ": counters that begin with " + LOGIN + "- are those of failed logins");
              }
            });
    checkLogin(limits.get(LOGIN), faults);
    return faults;
  }

  private static void checkCost(String path, Limit rule, int maxBodyBytes, List<String> faults) {
    List<Integer> allowed =
        Stream.concat(
                Stream.of(rule.limit()),
                rule.tiers().stream()
                    .map(tier -> tier.substring(tier.indexOf('=') + 1).strip())
                    .map(Integer::valueOf))
            .toList();
    if (rule.cost() > Collections.min(allowed)) {
      faults.add(path + ".cost must not be above its limits, by which nobody would be admitted");
    }
    // A member of a list is one character and a comma at least.
    int most = rule.costField().isEmpty() ? 1 : maxBodyBytes / 2;
    if (rule.costBytes() > 0) {
      most = (maxBodyBytes - 1) / rule.costBytes() + 1;
    }
    long logged = Math.min((long) most * rule.cost(), Collections.max(allowed));
    if (rule.algorithm() == Algorithm.SLIDING_LOG && logged > MOST_LOGGED) {
      faults.add(
          path
              + ".algorithm must be gcra or sliding-window where a request can cost more than "
              + MOST_LOGGED
              + " slots, here "
              + logged);
    }
  }

  private static void checkLogin(Limit rule, List<String> faults) {
    if (rule.whenRedisIsAway() == WhenRedisIsAway.OPEN) {
      faults.add(
          "limits.login-failures.whenRedisIsAway must be local or closed, was open: passwords could"
              + " be guessed without end");
    }
    var asItIs =
        new Limit(
            rule.limit(), rule.window(), Subject.IP, Algorithm.SLIDING_LOG, rule.whenRedisIsAway());
    if (!rule.equals(asItIs)) {
      faults.add(
          "limits.login-failures can be changed in limit, windowSeconds and whenRedisIsAway only:"
              + " it counts failed logins, not requests");
    }
  }

  private static void each(ConfigKey key, String text, Predicate<String> fits, String words) {
    ValueChecks.require(
        items(text).allMatch(fits), "must be " + words + ", was " + key.shown(text));
  }

  private static Stream<String> items(String text) {
    return Stream.of(text.split(",", -1)).map(String::strip).filter(item -> !item.isEmpty());
  }
}
