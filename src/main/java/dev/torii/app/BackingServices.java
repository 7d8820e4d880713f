package dev.torii.app;

import dev.torii.config.AppConfig;
import dev.torii.config.RedisConfig;
import dev.torii.embedded.EmbeddedException;
import dev.torii.embedded.EmbeddedServers;
import dev.torii.embedded.EmbeddedServers.Addresses;
import dev.torii.embedded.EmbeddedServers.Server;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The Redis and PostgreSQL to work with: the configured ones, and embedded ones for the rest. */
public final class BackingServices implements AutoCloseable {
  private final AppConfig config;
  private final EmbeddedServers embedded;

  private BackingServices(AppConfig config, EmbeddedServers embedded) {
    this.config = config;
    this.embedded = embedded;
  }

  /** Starts the servers that have no address in {@code config} and waits until they answer. */
  public static BackingServices open(AppConfig config) throws StartupException {
    Set<Server> wanted = missing(config);
    return wanted.isEmpty() ? new BackingServices(config, null) : start(config, wanted);
  }

  /**
   * As {@link #open}, for the database alone; joins the embedded one of a process that serves from
   * the same data directory at this moment.
   */
  public static BackingServices openDatabase(AppConfig config) throws StartupException {
    Set<Server> wanted = missing(config);
    wanted.retainAll(EnumSet.of(Server.POSTGRES));
    return join(config, wanted);
  }

  /** As {@link #open}; joins the embedded ones like {@link #openDatabase}. */
  static BackingServices join(AppConfig config) throws StartupException {
    return join(config, missing(config));
  }

  private static BackingServices join(AppConfig config, Set<Server> wanted)
      throws StartupException {
    if (wanted.isEmpty()) {
      return new BackingServices(config, null);
    }
    try {
      Optional<Addresses> running = EmbeddedServers.running(config.dataDir());
      if (running.isPresent()) {
        AppConfig joined = withAddresses(config, running.get(), wanted);
        requireAll(joined, wanted);
        return new BackingServices(joined, null);
      }
    } catch (EmbeddedException e) {
      throw new StartupException(e.getMessage(), ExitCode.WRONG_CONFIGURATION, e);
    }
    return start(config, wanted);
  }

  /** A process embeds only what had no address in its own configuration. */
  private static void requireAll(AppConfig joined, Set<Server> wanted) throws StartupException {
    Set<Server> missing = missing(joined);
    missing.retainAll(wanted);
    if (!missing.isEmpty()) {
      String setting = missing.contains(Server.POSTGRES) ? "TORII_PG_URI" : "TORII_REDIS_URI";
      throw new StartupException(
          "The Torii that runs in "
              + joined.dataDir()
              + " uses a server elsewhere: set "
              + setting
              + " as it has it",
          ExitCode.WRONG_CONFIGURATION);
    }
  }

  private static AppConfig withAddresses(AppConfig config, Addresses running, Set<Server> wanted) {
    Optional<String> redis = Optional.ofNullable(running.redisUri());
    Optional<String> pg = Optional.ofNullable(running.pgUri());
    return config.withAddresses(
        redis.filter(uri -> wanted.contains(Server.REDIS)),
        pg.filter(uri -> wanted.contains(Server.POSTGRES)));
  }

  private static BackingServices start(AppConfig config, Set<Server> wanted)
      throws StartupException {
    try {
      EmbeddedServers servers = EmbeddedServers.start(config.dataDir(), config.embedded(), wanted);
      return new BackingServices(
          config.withAddresses(servers.redisUri(), servers.pgUri()), servers);
    } catch (EmbeddedException e) {
      throw new StartupException(e.getMessage(), ExitCode.WRONG_CONFIGURATION, e);
    }
  }

  /** The configuration, in which every server now has an address. */
  public AppConfig config() {
    return config;
  }

  @Override
  public void close() {
    if (embedded != null) {
      embedded.close();
    }
  }

  private static Set<Server> missing(AppConfig config) {
    Set<Server> missing = EnumSet.noneOf(Server.class);
    RedisConfig redis = config.redis();
    if (redis.uri().isEmpty() && (redis.stateUri().isEmpty() || redis.cacheUri().isEmpty())) {
      missing.add(Server.REDIS);
    }
    if (config.pg().uri().isEmpty()) {
      missing.add(Server.POSTGRES);
    }
    return missing;
  }
}
