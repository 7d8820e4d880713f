package dev.torii.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** All keys that exist, read from the records of {@link AppConfig}. */
public final class ConfigSchema {
  /** Section of the rate limit rules, where users may add their own. */
  public static final String LIMITS = "limits";

  private static final Pattern RULE_NAME = Pattern.compile("[a-z][a-z0-9-]{0,63}");

  /** The rules that are always there; what is not named here is the default of every rule. */
  private static final Map<String, Map<String, String>> BUILT_IN_RULES = new LinkedHashMap<>();

  static {
    rule("default", 100, 3600, "user");
    rule("profiles-read", 100, 3600, "user");
    rule("profiles-update", 10, 3600, "user");
    rule("profiles-batch", 20, 3600, "user");
    rule("settings-read", 100, 3600, "user");
    rule("settings-update", 10, 3600, "user");
    rule("preferences-read", 100, 3600, "user");
    rule("preferences-update", 10, 3600, "user");
    rule("products", 100, 60, "ip");
    rule("live", 600, 60, "ip");
    rule("register", 20, 3600, "ip");
    rule("login-failures", 10, 900, "ip");
    rule("tokens", 6000, 60, "user");
    rule("stock", 6000, 60, "user");
    rule("jobs", 6000, 60, "user");
    rule("status", 600, 60, "user");
    rule("documents", 600, 3600, "user");
    rule("analyze", 60, 60, "ip");
    rule("analyses", 600, 60, "ip");
    rule("admin", 1000, 3600, "user");
  }

  private final List<String> areas;
  private final Map<String, ConfigKey> keys = new LinkedHashMap<>();

  /**
   * @param areas names of the areas of the keyspace that may have a server of their own
   */
  public ConfigSchema(Collection<String> areas) {
    this.areas = List.copyOf(areas);
    collect(AppConfig.class, "", Map.of());
    builtInRules().forEach(rule -> ruleKeys(rule).forEach(this::add));
  }

  private static void rule(String name, int limit, int windowSeconds, String subject) {
    BUILT_IN_RULES.put(
        name, Map.of("limit", "" + limit, "windowSeconds", "" + windowSeconds, "subject", subject));
  }

  /** Names of the rules that are always there. */
  public static Set<String> builtInRules() {
    return BUILT_IN_RULES.keySet();
  }

  static boolean isRuleName(String name) {
    return RULE_NAME.matcher(name).matches();
  }

  /** Every key with a fixed place, in the order of the records, the built-in rules last. */
  public Collection<ConfigKey> keys() {
    return keys.values();
  }

  /** The keys of the rate limit rule {@code rule}. */
  public List<ConfigKey> ruleKeys(String rule) {
    Map<String, String> defaults = BUILT_IN_RULES.getOrDefault(rule, Map.of());
    List<ConfigKey> found = new ArrayList<>();
    for (RecordComponent component : Limit.class.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      found.add(
          new ConfigKey(
              LIMITS + "." + rule + "." + setting.key(),
              component.getType(),
              setting,
              defaults.getOrDefault(setting.key(), setting.value())));
    }
    return found;
  }

  /** The key at {@code path}; a rule that nobody has named yet counts as one to be added. */
  public Optional<ConfigKey> find(String path) {
    ConfigKey fixed = keys.get(path);
    if (fixed != null) {
      return Optional.of(fixed);
    }
    return ruleOf(path).flatMap(rule -> byPath(ruleKeys(rule), path));
  }

  /** Whether {@code path} is a place for other keys. */
  public boolean isSection(String path) {
    return path.equals(LIMITS)
        || ruleOf(path + ".x").isPresent()
        || keys.keySet().stream().anyMatch(key -> key.startsWith(path + "."));
  }

  /**
   * The key that a variable gives; dots, dashes and capitals are not kept in its name, so the rules
   * known so far are tried first.
   *
   * @param rules names of all rules known so far
   */
  public Optional<ConfigKey> findByEnvironment(String variable, Collection<String> rules) {
    Optional<ConfigKey> fixed = byEnvironment(keys.values(), variable);
    if (fixed.isPresent()) {
      return fixed;
    }
    for (String rule : rules) {
      Optional<ConfigKey> known = byEnvironment(ruleKeys(rule), variable);
      if (known.isPresent()) {
        return known;
      }
    }
    return newRule(variable).flatMap(rule -> byEnvironment(ruleKeys(rule), variable));
  }

  /** The names that could stand where {@code path} stands, to find what was meant. */
  public Set<String> neighbours(String path) {
    Set<String> found = new TreeSet<>(keys.keySet());
    keys.keySet().stream()
        .filter(key -> key.contains("."))
        .map(key -> key.substring(0, key.lastIndexOf('.')))
        .forEach(found::add);
    ruleOf(path).ifPresent(rule -> ruleKeys(rule).forEach(key -> found.add(key.path())));
    return found;
  }

  private void collect(Class<?> type, String prefix, Map<String, String> defaults) {
    for (RecordComponent component : type.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      if (setting == null) {
        if (component.getType().isRecord()) {
          String section = prefix + component.getName() + ".";
          collect(component.getType(), section, defaultsOf(component));
        }
      } else if (component.getType() == Map.class) {
        areas.forEach(
            area ->
                add(new ConfigKey(prefix + setting.key() + "." + area, String.class, setting, "")));
      } else {
        String byDefault = defaults.getOrDefault(setting.key(), setting.value());
        add(new ConfigKey(prefix + setting.key(), component.getType(), setting, byDefault));
      }
    }
  }

  /** The defaults of a section that are its own, by key. */
  private static Map<String, String> defaultsOf(RecordComponent section) {
    Defaults own = section.getAnnotation(Defaults.class);
    Map<String, String> defaults = new LinkedHashMap<>();
    for (String one : own == null ? new String[0] : own.value()) {
      int equals = one.indexOf('=');
      defaults.put(one.substring(0, equals), one.substring(equals + 1));
    }
    return defaults;
  }

  private void add(ConfigKey key) {
    keys.put(key.path(), key);
  }

  private static Optional<String> ruleOf(String path) {
    String[] parts = path.split("\\.", -1);
    boolean fits = parts.length == 3 && parts[0].equals(LIMITS) && isRuleName(parts[1]);
    return fits ? Optional.of(parts[1]) : Optional.empty();
  }

  /** The longest name of a key that fits: X_COST_FIELD is the key costField of the rule x. */
  private Optional<String> newRule(String variable) {
    String before = ConfigKey.environmentName(LIMITS + ".");
    String longest = "";
    for (ConfigKey key : ruleKeys("x")) {
      String after = "_" + ConfigKey.environmentName(key.name()).substring("TORII_".length());
      if (variable.startsWith(before)
          && variable.endsWith(after)
          && variable.length() > before.length() + after.length()
          && after.length() > longest.length()) {
        longest = after;
      }
    }
    if (longest.isEmpty()) {
      return Optional.empty();
    }
    String name =
        variable
            .substring(before.length(), variable.length() - longest.length())
            .toLowerCase(Locale.ROOT)
            .replace('_', '-');
    return Optional.of(name).filter(ConfigSchema::isRuleName);
  }

  private static Optional<ConfigKey> byPath(Collection<ConfigKey> keys, String path) {
    return keys.stream().filter(key -> key.path().equals(path)).findFirst();
  }

  private static Optional<ConfigKey> byEnvironment(Collection<ConfigKey> keys, String variable) {
    return keys.stream().filter(key -> key.environmentName().equals(variable)).findFirst();
  }
}
