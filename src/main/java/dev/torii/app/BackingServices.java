package dev.torii.app;

import dev.torii.config.AppConfig;
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
    if (!missing(config).contains(Server.POSTGRES)) {
      return new BackingServices(config, null);
    }
    try {
      Optional<String> running = EmbeddedServers.running(config.dataDir()).map(Addresses::pgUri);
      if (running.isPresent()) {
        return new BackingServices(config.withAddresses(Optional.empty(), running), null);
      }
    } catch (EmbeddedException e) {
      throw new StartupException(e.getMessage(), ExitCode.WRONG_CONFIGURATION, e);
    }
    return start(config, EnumSet.of(Server.POSTGRES));
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
    AppConfig.Redis redis = config.redis();
    if (redis.uri().isEmpty() && (redis.stateUri().isEmpty() || redis.cacheUri().isEmpty())) {
      missing.add(Server.REDIS);
    }
    if (config.pg().uri().isEmpty()) {
      missing.add(Server.POSTGRES);
    }
    return missing;
  }
}
