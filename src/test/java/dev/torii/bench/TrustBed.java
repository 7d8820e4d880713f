package dev.torii.bench;

import dev.torii.testing.ApiClient;
import dev.torii.testing.PostgresProcess;
import dev.torii.testing.RedisProcess;
import dev.torii.testing.TestServices;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Two Torii processes on a Redis and a PostgreSQL of their own; no limit is in the way. */
final class TrustBed implements Closeable {
  private static final int NODES = 2;
  private static final String ENDLESS = "1000000";

  private final Settings settings;
  private final Path directory;
  private final Map<String, String> environment;
  private final RedisProcess redis;
  private final PostgresProcess postgres;
  private final List<ServerProcess> nodes = new ArrayList<>();
  private int starts;

  private TrustBed(Settings settings, Path directory, TrustFigure figure) {
    this.settings = settings;
    this.directory = directory;
    this.redis = TestServices.freshRedis(figure.redisOptions().toArray(String[]::new));
    this.postgres = TestServices.freshPostgres();
    this.environment = environment(figure);
  }

  /** Starts all that {@code figure} needs; logs are kept in {@code directory}. */
  static TrustBed open(Settings settings, Path directory, TrustFigure figure) throws IOException {
    var bed = new TrustBed(settings, directory, figure);
    try {
      for (int i = 0; i < NODES; i++) {
        bed.nodes.add(bed.start(i, 0));
      }
      return bed;
    } catch (IOException e) {
      bed.close();
      throw e;
    }
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

  PostgresProcess postgres() {
    return postgres;
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
    redis.close();
    postgres.close();
  }

  private ServerProcess start(int index, int port) throws IOException {
    var own = new HashMap<>(environment);
    own.put("TORII_HTTP_PORT", Integer.toString(port));
    Path logs = directory.resolve("node-" + index + "-start-" + ++starts);
    return ServerProcess.start(settings, logs, own);
  }

  private Map<String, String> environment(TrustFigure figure) {
    var all = new HashMap<String, String>();
    all.put("TORII_DATA_DIR", "data");
    all.put("TORII_REDIS_URI", redis.uri());
    all.put("TORII_PG_URI", postgres.uri());
    for (String rule : List.of("REGISTER", "DEFAULT", "PROFILES_READ", "PROFILES_UPDATE")) {
      all.put("TORII_LIMITS_" + rule + "_LIMIT", ENDLESS);
      all.put("TORII_LIMITS_" + rule + "_WINDOW_SECONDS", "1");
    }
    all.putAll(figure.environment());
    return all;
  }
}
