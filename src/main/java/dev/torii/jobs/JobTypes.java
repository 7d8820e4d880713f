package dev.torii.jobs;

import dev.torii.config.JobsConfig;
import dev.torii.http.BodySchema;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The types of jobs of this process: the built-in ones, and those of the operator's jars. */
final class JobTypes {
  private static final Logger LOG = LoggerFactory.getLogger(JobTypes.class);
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._:-]{0,63}");
  private static final Pattern CONCURRENCY = Pattern.compile("\\s*(\\S+?)\\s*=\\s*(\\d{1,4})\\s*");

  private final Map<String, JobType> types = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();

  private JobTypes() {}

  /**
   * Reads every jar; blocks.
   *
   * @throws IllegalArgumentException with all that is wrong, by settings
   */
  static JobTypes load(JobsConfig config, List<JobHandler> builtIn) {
    var loaded = new JobTypes();
    List<JobHandler> handlers = new ArrayList<>(builtIn);
    Map<String, List<JobHandler>> jars = Map.of();
    if (!config.handlersDir().isEmpty()) {
      jars = new HandlerJars(loaded.faults).read(config.handlersDir());
      jars.values().forEach(handlers::addAll);
    }
    Map<String, Integer> concurrency = loaded.concurrency(config.concurrency());
    handlers.forEach(handler -> loaded.add(handler, concurrency));
    concurrency.keySet().stream()
        .filter(type -> !loaded.types.containsKey(type))
        .forEach(type -> loaded.faults.add("jobs.concurrency: there is no type " + type));
    if (!loaded.faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", loaded.faults));
    }
    if (!config.handlersDir().isEmpty()) {
      tell(config.handlersDir(), jars);
    }
    return loaded;
  }

  private static void tell(String directory, Map<String, List<JobHandler>> jars) {
    if (jars.isEmpty()) {
      LOG.warn("jobs.handlersDir: there is no jar in {}", directory);
    }
    jars.forEach(
        (jar, handlers) -> {
          if (handlers.isEmpty()) {
            LOG.warn("jobs.handlersDir: {} names no type of jobs", jar);
          } else {
            String names =
                handlers.stream().map(JobHandler::type).collect(Collectors.joining(", "));
            LOG.info("Types of jobs from {}: {}", jar, names);
          }
        });
  }

  /**
   * Gives the name back.
   *
   * @throws IllegalArgumentException when no type can have it
   */
  static String requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("no name of a type");
    }
    return name;
  }

  Optional<JobType> find(String name) {
    return name == null ? Optional.empty() : Optional.ofNullable(types.get(name));
  }

  Collection<JobType> all() {
    return types.values();
  }

  private void add(JobHandler handler, Map<String, Integer> concurrency) {
    String owner = handler.getClass().getName();
    try {
      String name = handler.type();
      if (name == null || !NAME.matcher(name).matches()) {
        faults.add("job type of " + owner + ": its name must be " + NAME);
      } else if (types.containsKey(name)) {
        String other = types.get(name).handler().getClass().getName();
        faults.add("job type " + name + ": both " + other + " and " + owner + " are of it");
      } else {
        types.put(name, type(name, handler, concurrency.get(name)));
      }
    } catch (RuntimeException | LinkageError e) {
      faults.add("job type of " + owner + ": " + e);
    }
  }

  private static JobType type(String name, JobHandler handler, Integer concurrency) {
    JobOptions options = handler.options();
    JsonObject schema = handler.payloadSchema();
    return new JobType(
        name,
        handler,
        concurrency == null ? options : options.withConcurrency(concurrency),
        BodySchema.compile(schema, schema));
  }

  private Map<String, Integer> concurrency(List<String> settings) {
    Map<String, Integer> concurrency = new HashMap<>();
    for (String setting : settings) {
      var matcher = CONCURRENCY.matcher(setting);
      int jobs = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
      if (jobs < 1 || jobs > 1000) {
        faults.add("jobs.concurrency: must be type=1 to type=1000, was " + setting.strip());
      } else {
        concurrency.put(matcher.group(1), jobs);
      }
    }
    return concurrency;
  }
}
