package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.FaultProxy;
import dev.torii.testing.PostgresProcess;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Torii processes on a Redis and a PostgreSQL of their own; no limit is in the way. */
final class FigureBed implements Closeable {
  private static final String ENDLESS = "1000000";

  private final Settings settings;
  private final Path directory;
  private final Figure figure;
  private final Map<String, String> environment;
  private final RedisProcess redis;
  private final PostgresProcess postgres;
  private final Map<Integer, FaultProxy> proxies = new HashMap<>();
  private final List<ServerProcess> nodes = new ArrayList<>();
  private int starts;

  private FigureBed(Settings settings, Path directory, Figure figure) {
    this.settings = settings;
    this.figure = figure;
    this.directory = directory;
    this.redis = TestServices.freshRedis(figure.redisOptions().toArray(String[]::new));
    this.postgres = TestServices.freshPostgres();
    this.environment = environment(figure);
    for (int node : figure.proxied()) {
      proxies.put(node, FaultProxy.inFrontOf(redis.port()));
    }
  }

  /** Starts all that {@code figure} needs; logs are kept in {@code directory}. */
  static FigureBed open(Settings settings, Path directory, Figure figure) throws IOException {
    var bed = new FigureBed(settings, directory, figure);
    try {
      for (int i = 0; i < figure.nodes(); i++) {
        bed.nodes.add(bed.start(i, 0));
      }
      return bed;
    } catch (IOException e) {
      bed.close();
      throw e;
    }
  }

  Settings settings() {
    return settings;
  }

  ServerProcess node(int index) {
    return nodes.get(index);
  }

  List<ServerProcess> nodes() {
    return List.copyOf(nodes);
  }

  /** Where a process listens; the same again after {@link #restart}. */
  URI base(int index) {
    return URI.create(node(index).url("/"));
  }

  /** A client of one process; every answer is held against the contract. */
  ApiClient api(int index) {
    return ApiClient.to(base(index));
  }

  RedisProcess redis() {
    return redis;
  }

  /** The way of a process to Redis, for a process that is proxied. */
  FaultProxy proxy(int index) {
    return proxies.get(index);
  }

  PostgresProcess postgres() {
    return postgres;
  }

  /** A connection of an operator to the database. */
  Connection connect() throws SQLException {
    return TestServices.connect(postgres.uri());
  }

  /** Stops a process and starts it again on the same port; returns when it is ready. */
  void restart(int index) throws IOException {
    ServerProcess old = node(index);
    int port = old.address().getPort();
    old.close();
    nodes.set(index, start(index, port));
  }

  /** Does the work on {@code threads} threads at once; fails with the first that fails. */
  static <T> List<T> inParallel(int threads, Collection<? extends Callable<T>> work)
      throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> done : pool.invokeAll(work)) {
        results.add(done.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  @Override
  public void close() throws IOException {
    for (ServerProcess node : nodes) {
      node.close();
    }
    proxies.values().forEach(FaultProxy::close);
    redis.close();
    postgres.close();
  }

  private ServerProcess start(int index, int port) throws IOException {
    var own = new HashMap<>(environment);
    own.putAll(figure.environmentOf(index));
    own.put("TORII_HTTP_PORT", Integer.toString(port));
    if (proxies.containsKey(index)) {
      own.put("TORII_REDIS_URI", proxies.get(index).uri(redis.uri()));
    }
    Path logs = directory.resolve("node-" + index + "-start-" + ++starts);
    return ServerProcess.start(settings, logs, own);
  }

  private Map<String, String> environment(Figure figure) {
    var all = new HashMap<String, String>();
    all.put("TORII_DATA_DIR", "data");
    all.put("TORII_REDIS_URI", redis.uri());
    all.put("TORII_PG_URI", postgres.uri());
    for (String rule :
        List.of("REGISTER", "DEFAULT", "ADMIN", "PROFILES_READ", "PROFILES_UPDATE")) {
      all.put("TORII_LIMITS_" + rule + "_LIMIT", ENDLESS);
      all.put("TORII_LIMITS_" + rule + "_WINDOW_SECONDS", "1");
    }
    all.putAll(figure.environment());
    return all;
  }
}
