package dev.torii.embedded;

import dev.torii.config.EmbeddedConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis and PostgreSQL that Torii runs for itself when it was given none.
 *
 * <p>All they know is below one data directory, which one process at a time may use. Their
 * addresses, with passwords, are in its {@value #ADDRESSES} for other programs of the same user.
 */
public final class EmbeddedServers implements AutoCloseable {
  /** Name of the file with the addresses of the running servers. */
  public static final String ADDRESSES = "embedded.properties";

  /** How long a server may take to stop before it is killed. */
  static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);
  private static final String REDIS_URI = "redis.uri";
  private static final String PG_URI = "pg.uri";

  /** The servers there are. */
  public enum Server {
    REDIS,
    POSTGRES
  }

  /** Addresses of servers that run already; null where there is none. */
  public record Addresses(String redisUri, String pgUri) {
    @Override
    public String toString() {
      return "Addresses[]";
    }
  }

  private final Path directory;
  private final DirectoryLock lock;
  private final ExecutorService starters = Executors.newFixedThreadPool(2, daemon("starter"));
  private final ScheduledExecutorService watcher =
      Executors.newSingleThreadScheduledExecutor(daemon("watcher"));
  private final List<ServerProcess> running = new ArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private EmbeddedRedis redis;
  private EmbeddedPostgres postgres;

  private EmbeddedServers(Path directory, DirectoryLock lock) {
    this.directory = directory;
    this.lock = lock;
  }

  /**
   * Starts the servers of {@code wanted} together and waits until they answer.
   *
   * @param dataDir made when it does not exist
   * @throws EmbeddedException in one line, when the directory is in use or cannot be used, or a
   *     server cannot run
   */
  public static EmbeddedServers start(Path dataDir, EmbeddedConfig ports, Set<Server> wanted)
      throws EmbeddedException {
    EmbeddedServers servers = lock(dataDir);
    try {
      servers.startAll(ports, EnumSet.copyOf(wanted));
      return servers;
    } catch (EmbeddedException | RuntimeException e) {
      servers.close();
      throw e;
    }
  }

  /** The addresses that another process has written for {@code dataDir}, while it runs. */
  public static Optional<Addresses> running(Path dataDir) throws EmbeddedException {
    try {
      if (!Files.exists(dataDir.resolve(DirectoryLock.FILE))) {
        return Optional.empty();
      }
      try (DirectoryLock free = DirectoryLock.tryTake(dataDir)) {
        if (free != null) {
          return Optional.empty();
        }
      }
      Properties known = read(dataDir);
      return Optional.of(new Addresses(known.getProperty(REDIS_URI), known.getProperty(PG_URI)));
    } catch (IOException e) {
      throw unusable(dataDir, e);
    }
  }

  private static EmbeddedServers lock(Path dataDir) throws EmbeddedException {
    try {
      Files.createDirectories(dataDir);
      Path directory = dataDir.toRealPath();
      DirectoryLock lock = DirectoryLock.tryTake(directory);
      if (lock == null) {
        throw new EmbeddedException(
            "Another Torii runs its servers in "
                + directory
                + "; to join them set TORII_REDIS_URI and TORII_PG_URI as in "
                + directory.resolve(ADDRESSES)
                + ", or set another TORII_DATA_DIR");
      }
      return new EmbeddedServers(directory, lock);
    } catch (IOException e) {
      throw unusable(dataDir, e);
    }
  }

  private static EmbeddedException unusable(Path dataDir, IOException e) {
    return new EmbeddedException(
        "The data directory "
            + dataDir.toAbsolutePath().normalize()
            + " cannot be used ("
            + e.getClass().getSimpleName()
            + "); set TORII_DATA_DIR to one that can be written",
        e);
  }

  private void startAll(EmbeddedConfig ports, Set<Server> wanted) throws EmbeddedException {
    long begun = System.nanoTime();
    try {
      Properties last = read(directory);
      List<Future<?>> starts = new ArrayList<>();
      if (wanted.contains(Server.REDIS)) {
        // Not while the other thread starts a program: that would inherit the open file, and Linux
        // runs no file that somebody may write.
        binaries().redis();
        starts.add(starters.submit(() -> startRedis(ports, last)));
      }
      if (wanted.contains(Server.POSTGRES)) {
        starts.add(starters.submit(() -> startPostgres(ports, last)));
      }
      await(starts);
      writeAddresses();
    } catch (IOException e) {
      throw unusable(directory, e);
    }
    LOG.debug("Embedded servers answer after {} ms", (System.nanoTime() - begun) / 1_000_000);
    List<String> places = new ArrayList<>();
    if (postgres != null) {
      places.add("PostgreSQL on 127.0.0.1:" + postgres.port());
    }
    if (redis != null) {
      places.add("Redis on 127.0.0.1:" + redis.port());
    }
    LOG.info("Embedded in {}: {}", directory, String.join(", ", places));
  }

  private Void startRedis(EmbeddedConfig ports, Properties last) throws Exception {
    redis =
        EmbeddedRedis.prepare(
            directory.resolve("redis"), binaries(), ports.redisPort(), port(last, "redis.port"));
    startWatched(redis);
    return null;
  }

  private Void startPostgres(EmbeddedConfig ports, Properties last) throws Exception {
    postgres =
        EmbeddedPostgres.prepare(
            directory.resolve("postgres"), binaries(), ports.pgPort(), port(last, "pg.port"));
    startWatched(postgres);
    return null;
  }

  private Binaries binaries() {
    return new Binaries(directory.resolve("bin"));
  }

  private void startWatched(ServerProcess.Kind kind)
      throws EmbeddedException, InterruptedException {
    ServerProcess server = new ServerProcess(kind, watcher);
    synchronized (running) {
      running.add(server);
    }
    server.start();
  }

  /** Waits for all, also after one has failed, so that nothing starts behind our back. */
  private static void await(List<Future<?>> starts) throws EmbeddedException {
    EmbeddedException failure = null;
    for (Future<?> start : starts) {
      try {
        start.get();
      } catch (ExecutionException e) {
        failure =
            e.getCause() instanceof EmbeddedException known
                ? known
                : new EmbeddedException("The embedded servers failed to start", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failure = new EmbeddedException("Interrupted while the embedded servers started", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static Properties read(Path directory) throws IOException {
    Properties properties = new Properties();
    Path file = directory.resolve(ADDRESSES);
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      }
    }
    return properties;
  }

  private static int port(Properties last, String key) {
    String text = last.getProperty(key, "0");
    return text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
  }

  private void writeAddresses() throws IOException {
    StringBuilder text =
        new StringBuilder("# Addresses of the servers that Torii runs here, with passwords.\n");
    if (redis != null) {
      text.append(REDIS_URI + "=").append(redis.uri()).append('\n');
      text.append("redis.port=").append(redis.port()).append('\n');
    }
    if (postgres != null) {
      text.append(PG_URI + "=").append(postgres.uri()).append('\n');
      text.append("pg.port=").append(postgres.port()).append('\n');
    }
    PrivateFiles.write(directory.resolve(ADDRESSES), text.toString());
  }

  /** Address of Redis, with its password; empty when it was not wanted. */
  public Optional<String> redisUri() {
    return Optional.ofNullable(redis).map(EmbeddedRedis::uri);
  }

  /** Address of the database, with its password; empty when it was not wanted. */
  public Optional<String> pgUri() {
    return Optional.ofNullable(postgres).map(EmbeddedPostgres::uri);
  }

  /** Stops the servers together, within 10 s, and lets the directory go. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    List<ServerProcess> servers;
    synchronized (running) {
      servers = List.copyOf(running);
    }
    List<Future<?>> stops = new ArrayList<>();
    servers.forEach(server -> stops.add(starters.submit(stopping(server))));
    try {
      await(stops);
      lock.close();
    } catch (EmbeddedException | IOException e) {
      LOG.warn("The embedded servers did not stop in order: {}", e.getMessage());
    } finally {
      starters.shutdown();
      watcher.shutdownNow();
    }
  }

  private static Callable<Void> stopping(ServerProcess server) {
    return () -> {
      server.stop(STOP_PATIENCE);
      return null;
    };
  }

  private static ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, "embedded-" + name);
      thread.setDaemon(true);
      return thread;
    };
  }
}
