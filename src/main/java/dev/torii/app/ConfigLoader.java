package dev.torii.app;

import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.config.ConfigKey;
import dev.torii.config.ConfigSchema;
import dev.torii.config.ConfigValue;
import dev.torii.config.Limit;
import dev.torii.config.NearMiss;
import dev.torii.http.Contract;
import dev.torii.ratelimit.RuleRoutes;
import dev.torii.redis.Area;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Puts the configuration together: defaults, file, environment, system properties, flags. */
final class ConfigLoader {
  static final String FILE_VARIABLE = "TORII_CONFIG";
  static final Path DEFAULT_FILE = Path.of("conf", "torii.yaml");

  private static final String VARIABLES = "TORII_";
  private static final String PROPERTIES = "torii.";

  /** Variables that Kubernetes sets in every pod when a service is named torii. */
  private static final Pattern NOT_OURS =
      Pattern.compile("TORII_(SERVICE_(HOST|PORT)(_.*)?|PORT(_\\d+_(TCP|UDP)(_[A-Z]+)?)?)");

  /**
   * Where settings come from.
   *
   * @param file named by a flag; without one, {@code TORII_CONFIG} or the default file
   * @param flags each {@code key=value}
   */
  record Sources(
      Optional<Path> file,
      Map<String, String> environment,
      Properties properties,
      List<String> flags) {}

  private final Sources sources;
  private final ConfigSchema schema =
      new ConfigSchema(
          Stream.of(Area.values()).map(area -> area.name().toLowerCase(Locale.ROOT)).toList());
  private final ConfigBinder binder = new ConfigBinder(schema);

  private ConfigLoader(Sources sources) {
    this.sources = sources;
  }

  /**
   * Reads everything.
   *
   * @throws ConfigException with all faults of all sources
   */
  static LoadedConfig load(Sources sources) throws ConfigException {
    return load(sources, Contract::load);
  }

  /** As {@link #load(Sources)}, with a contract that is asked only when a rule names routes. */
  static LoadedConfig load(Sources sources, Supplier<Contract> contract) throws ConfigException {
    return new ConfigLoader(sources).load(contract);
  }

  private LoadedConfig load(Supplier<Contract> contract) throws ConfigException {
    readFile();
    readEnvironment();
    readProperties();
    readFlags();
    AppConfig config = binder.bind();
    requireRoutesOfTheContract(config.limits(), contract, binder.values());
    return new LoadedConfig(config, schema, binder.values(), binder.rules(), sources);
  }

  private static void requireRoutesOfTheContract(
      Map<String, Limit> limits, Supplier<Contract> contract, Map<String, ConfigValue> values)
      throws ConfigException {
    if (RuleRoutes.named(limits)) {
      List<String> faults = RuleRoutes.faults(limits, contract.get());
      if (!faults.isEmpty()) {
        throw new ConfigException(faults.stream().map(fault -> placed(fault, values)).toList());
      }
    }
  }

  /** A fault that begins with the path of a value, after the place where that was given. */
  private static String placed(String fault, Map<String, ConfigValue> values) {
    ConfigValue given = values.get(fault.split("[: ]", 2)[0]);
    return given == null ? fault : given.source() + ": " + fault;
  }

  private void readFile() {
    String variable = sources.environment().getOrDefault(FILE_VARIABLE, "");
    Optional<Path> named =
        sources
            .file()
            .or(() -> Optional.of(variable).filter(text -> !text.isEmpty()).map(Path::of));
    Path file = named.orElse(DEFAULT_FILE);
    if (named.isEmpty() && !Files.exists(file)) {
      return;
    }
    try {
      new YamlSettings(schema, binder, file).read(Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      binder.fault("configuration file " + file, reason(file, e));
    }
  }

  private static String reason(Path file, IOException e) {
    if (e instanceof CharacterCodingException) {
      return "is not UTF-8 text";
    }
    if (e instanceof AccessDeniedException) {
      return "cannot be read: permission denied";
    }
    if (Files.isDirectory(file)) {
      return "is a directory";
    }
    return Files.exists(file) ? "cannot be read" : "does not exist";
  }

  private void readEnvironment() {
    for (String variable : new TreeSet<>(sources.environment().keySet())) {
      String text = sources.environment().get(variable);
      boolean ours =
          variable.startsWith(VARIABLES)
              && !variable.equals(FILE_VARIABLE)
              && !NOT_OURS.matcher(variable).matches();
      if (ours && !text.isEmpty()) {
        schema
            .findByEnvironment(variable, binder.rules())
            .ifPresentOrElse(
                key -> binder.offer(key, text, variable),
                () -> binder.unknown(variable, "environment", variableHint(variable)));
      }
    }
  }

  private String variableHint(String variable) {
    return NearMiss.hint(variable, schema.keys().stream().map(ConfigKey::environmentName).toList());
  }

  private void readProperties() {
    for (String name : new TreeSet<>(sources.properties().stringPropertyNames())) {
      if (name.startsWith(PROPERTIES)) {
        String path = name.substring(PROPERTIES.length());
        binder.offer(path, sources.properties().getProperty(name), "-D" + name);
      }
    }
  }

  private void readFlags() {
    for (String flag : sources.flags()) {
      int equals = flag.indexOf('=');
      if (equals < 1) {
        binder.fault("--set", "must look like http.port=9090");
      } else {
        String path = flag.substring(0, equals).strip();
        binder.offer(path, flag.substring(equals + 1), "--set " + path);
      }
    }
  }
}
