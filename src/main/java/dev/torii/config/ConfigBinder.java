package dev.torii.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns given values into an {@link AppConfig}, or says everything that is wrong with them. */
public final class ConfigBinder {
  private final ConfigSchema schema;
  private final Map<String, ConfigValue> values = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();

  public ConfigBinder(ConfigSchema schema) {
    this.schema = schema;
  }

  /** The defaults with {@code values} over them, by path; for tools and tests. */
  public static AppConfig of(Map<String, String> values) throws ConfigException {
    ConfigBinder binder = new ConfigBinder(new ConfigSchema(List.of()));
    values.forEach((path, text) -> binder.offer(path, text, path));
    return binder.bind();
  }

  /** Takes a value for {@code path}, over any that was given before; a bad one is a fault. */
  public void offer(String path, String text, String source) {
    schema
        .find(path)
        .ifPresentOrElse(
            key -> offer(key, text, source),
            () -> unknown(path, source, NearMiss.hint(path, schema.neighbours(path))));
  }

  /** As {@link #offer(String, String, String)}, for a key that was found already. */
  public void offer(ConfigKey key, String text, String source) {
    try {
      key.parse(text);
      ValueChecks.check(key, text);
      values.put(key.path(), new ConfigValue(text, source));
    } catch (IllegalArgumentException e) {
      fault(source, key.path() + " " + e.getMessage());
    }
  }

  /** Notes that {@code name} does not exist. */
  public void unknown(String name, String source, String hint) {
    fault(source, "there is no setting " + name + hint);
  }

  /** Notes any other fault of a source. */
  public void fault(String source, String words) {
    faults.add(source + ": " + words);
  }

  /** The values given so far, by path. */
  public Map<String, ConfigValue> values() {
    return Map.copyOf(values);
  }

  /** Names of all rules, the built-in ones first. */
  public Set<String> rules() {
    Set<String> rules = new LinkedHashSet<>(ConfigSchema.builtInRules());
    values.keySet().stream()
        .filter(path -> path.startsWith(ConfigSchema.LIMITS + "."))
        .map(path -> path.split("\\.", -1)[1])
        .forEach(rules::add);
    return rules;
  }

  /**
   * The configuration.
   *
   * @throws ConfigException with every fault that was noted, or that the values have together
   */
  public AppConfig bind() throws ConfigException {
    requireWhatNewRulesNeed();
    if (faults.isEmpty()) {
      AppConfig config = (AppConfig) construct(AppConfig.class, "");
      ValueChecks.checkTogether(config).forEach(faults::add);
      if (faults.isEmpty()) {
        return config;
      }
    }
    throw new ConfigException(faults);
  }

  private void requireWhatNewRulesNeed() {
    for (String rule : rules()) {
      for (ConfigKey key : schema.ruleKeys(rule)) {
        if (key.required() && !values.containsKey(key.path())) {
          fault(
              "rule " + rule,
              key.path()
                  + " must be given for a rule that is not built in, "
                  + key.allowed()
                  + NearMiss.hint(rule, ConfigSchema.builtInRules()));
        }
      }
    }
  }

  private Object construct(Class<?> type, String prefix) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] arguments =
        Arrays.stream(components).map(component -> argument(component, prefix)).toArray();
    try {
      return type.getDeclaredConstructor(types).newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Record " + type.getName() + " cannot be made", e);
    }
  }

  private Object argument(RecordComponent component, String prefix) {
    Setting setting = component.getAnnotation(Setting.class);
    if (component.getType().isRecord()) {
      return construct(component.getType(), prefix + component.getName() + ".");
    }
    if (setting == null) {
      return limits();
    }
    if (component.getType() == Map.class) {
      return given(prefix + setting.key() + ".");
    }
    return value(prefix + setting.key());
  }

  private Map<String, Limit> limits() {
    Map<String, Limit> limits = new LinkedHashMap<>();
    for (String rule : rules()) {
      limits.put(rule, (Limit) construct(Limit.class, ConfigSchema.LIMITS + "." + rule + "."));
    }
    return Map.copyOf(limits);
  }

  /** What was given below {@code prefix}, by last name; an empty text is nothing. */
  private Map<String, String> given(String prefix) {
    Map<String, String> found = new LinkedHashMap<>();
    values.forEach(
        (path, value) -> {
          if (path.startsWith(prefix) && !value.text().isEmpty()) {
            found.put(path.substring(prefix.length()), value.text());
          }
        });
    return Map.copyOf(found);
  }

  private Object value(String path) {
    ConfigKey key = schema.find(path).orElseThrow();
    ConfigValue given = values.get(path);
    return key.parse(given == null ? key.defaultText() : given.text());
  }
}
