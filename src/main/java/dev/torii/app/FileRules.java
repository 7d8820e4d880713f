package dev.torii.app;

import dev.torii.config.ConfigException;
import dev.torii.config.ConfigKey;
import dev.torii.config.ConfigSchema;
import dev.torii.config.ConfigValue;
import dev.torii.config.Limit;
import dev.torii.http.Contract;
import dev.torii.ratelimit.RuleRoutes;
import dev.torii.ratelimit.RuleSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The rules as the configuration has them at the moment of asking: its file is read again. */
final class FileRules implements RuleSource {
  private final LoadedConfig started;
  private final Contract contract;

  /** Compares with what the process was started with. */
  FileRules(LoadedConfig started, Contract contract) {
    this.started = started;
    this.contract = contract;
  }

  @Override
  public Reading read() {
    try {
      LoadedConfig now = ConfigLoader.load(started.sources(), () -> contract);
      Map<String, Limit> limits = now.config().limits();
      List<String> idle = RuleRoutes.idle(limits, ConfigSchema.builtInRules(), contract);
      return new Reading(limits, List.of(), needRestart(now), idle);
    } catch (ConfigException e) {
      return Reading.faulty(e.faults());
    }
  }

  private List<String> needRestart(LoadedConfig now) {
    var paths = new TreeSet<>(started.values().keySet());
    paths.addAll(now.values().keySet());
    List<String> changed = new ArrayList<>();
    for (String path : paths) {
      if (!path.startsWith(ConfigSchema.LIMITS + ".")
          && !text(started, path).equals(text(now, path))) {
        changed.add(path);
      }
    }
    return changed;
  }

  private static String text(LoadedConfig config, String path) {
    ConfigValue given = config.values().get(path);
    return given != null
        ? given.text()
        : config.schema().find(path).map(ConfigKey::defaultText).orElse("");
  }
}
