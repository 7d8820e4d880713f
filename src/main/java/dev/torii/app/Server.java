package dev.torii.app;

import dev.torii.auth.AuthModule;
import dev.torii.config.AdminConfig;
import dev.torii.config.AppConfig;
import dev.torii.http.Contract;
import dev.torii.postgres.Migrations;
import dev.torii.postgres.Migrations.Applied;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running whole: backing services first, then what speaks to them, HTTP last. */
public final class Server {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);
  private static final Duration START_PATIENCE = Duration.ofSeconds(30);

  /**
   * Longest wait for requests, parts and a start under way; the embedded servers then have the 10 s
   * they need, so that a stop ends within 27 s.
   */
  private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(15);

  /** Left for closing Vert.x when the requests have used up all else. */
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);

  private static final String GENERATED_ADMIN = "admin@torii.local";

  private final LoadedConfig loaded;
  private final AppConfig given;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** The opening of the services, begun or done; null before. */
  private CompletableFuture<BackingServices> services;

  private Vertx vertx;
  private Torii torii;
  private volatile boolean stopping;

  Server(LoadedConfig loaded) {
    this.loaded = loaded;
    this.given = loaded.config();
  }

  /**
   * Starts everything and returns when requests are served.
   *
   * @throws StartupException in one line; {@link #stop} then still has to be called
   */
  public void start() throws StartupException {
    Preflight.check(given);
    synchronized (this) {
      if (stopping) {
        return;
      }
      services = new CompletableFuture<>();
    }
    // Reading the contract needs nothing else, so it goes on beside the database's start.
    CompletableFuture<Contract> contract = CompletableFuture.supplyAsync(Contract::load);
    try {
      serve(open().config(), contract);
    } catch (StartupException e) {
      if (!stopping) {
        throw e;
      }
      LOG.debug("The start was given up", e);
    }
  }

  /** Opens the services, and in any case tells a stop that waits for them. */
  private BackingServices open() throws StartupException {
    BackingServices opened = null;
    try {
      opened = BackingServices.open(given);
      return opened;
    } finally {
      services.complete(opened);
    }
  }

  private void serve(AppConfig config, CompletableFuture<Contract> contract)
      throws StartupException {
    if (stopping) {
      return;
    }
    synchronized (this) {
      if (stopping) {
        return;
      }
      vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(Torii.eventLoops(config)));
    }
    synchronized (this) {
      if (stopping) {
        return;
      }
      torii = new Torii(vertx, config, VersionCommand.version());
    }
    migrate(config);
    if (given.pg().uri().isEmpty() && config.embedded().demoData() && !stopping) {
      loadFirstCatalogue();
    }
    Contract read = contract.join();
    Waiting.await(torii.start(read, new FileRules(loaded, read)), "the start", START_PATIENCE);
    introduce(config);
  }

  private void migrate(AppConfig config) throws StartupException {
    boolean upToDate =
        Waiting.await(Migrations.areApplied(torii.database()), "asking PostgreSQL", START_PATIENCE);
    if (!upToDate && !stopping) {
      Applied applied = new Maintenance(config).migrate();
      LOG.info("Schema brought up to date, migrations applied: {}", applied.migrations());
    }
  }

  /** Before requests are served, so that no cache knows the empty catalogue. */
  private void loadFirstCatalogue() {
    try {
      boolean loaded =
          Waiting.await(
              DemoData.loadFirstCatalogue(torii.database()),
              "loading the demo catalogue",
              START_PATIENCE);
      if (loaded) {
        LOG.info("The catalogue begins with the demo data");
      }
    } catch (StartupException e) {
      LOG.warn("No demo catalogue; the command demo-data loads it", e);
    }
  }

  /** Waits until {@link #stop} has ended. */
  public void awaitStop() throws InterruptedException {
    stopped.await();
  }

  /**
   * Stops everything in order, also what a start under way gives; a second call does nothing.
   *
   * @return whether the embedded servers were closed; false when their start took too long
   */
  public synchronized boolean stop() {
    stopping = true;
    long deadline = System.nanoTime() + DRAIN_PATIENCE.toNanos();
    if (torii != null) {
      LOG.info("Stopping");
      quietly(torii.stop(), deadline);
      quietly(vertx.close(), deadline);
      torii = null;
    }
    boolean closed = services == null || close(services, deadline);
    stopped.countDown();
    return closed;
  }

  /** Reads the rules of the configuration again; what comes of it is in the log. */
  void reloadRules() {
    Torii running;
    synchronized (this) {
      running = torii;
    }
    if (running != null) {
      running.reloadRules();
    }
  }

  private static boolean close(CompletableFuture<BackingServices> opening, long deadline) {
    try {
      BackingServices opened = opening.get(left(deadline).toNanos(), TimeUnit.NANOSECONDS);
      if (opened != null) {
        opened.close();
      }
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.error("Stopping: the embedded servers did not start in time to be stopped");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** Makes the first admin when there is none, and says where everything is. */
  private void introduce(AppConfig config) throws StartupException {
    AdminConfig admin = config.admin();
    if (!admin.email().isEmpty()) {
      createAdmin(config, admin.email(), admin.password());
    } else if (given.pg().uri().isEmpty()) {
      UnshownPassword unshown = UnshownPassword.in(config.dataDir());
      boolean created = createAdmin(config, GENERATED_ADMIN, unshown.password());
      announce(config, created || unshown.isLeftOver() ? unshown.password() : null);
      unshown.forget();
      return;
    }
    announce(config, null);
  }

  private boolean createAdmin(AppConfig config, String email, String password)
      throws StartupException {
    return Waiting.await(
        AuthModule.createAdmin(vertx, torii.database(), config.auth(), email, password, true),
        "making the first administrator",
        START_PATIENCE);
  }

  private void announce(AppConfig config, String generatedPassword) {
    String base = "http://" + config.http().host() + ":" + torii.port();
    StringBuilder lines =
        new StringBuilder("Torii " + VersionCommand.version() + " is listening on " + base)
            .append("\n  docs     " + base + "/docs")
            .append("\n  live     " + base + "/live")
            .append("\n  metrics  " + base + "/metrics");
    if (generatedPassword != null) {
      lines.append(
          "\n  admin    " + GENERATED_ADMIN + " / " + generatedPassword + "   (shown only now)");
    }
    System.out.println(lines);
  }

  private static Duration left(long deadline) {
    Duration left = Duration.ofNanos(deadline - System.nanoTime());
    return left.compareTo(CLOSE_PATIENCE) < 0 ? CLOSE_PATIENCE : left;
  }

  private static void quietly(Future<?> future, long deadline) {
    try {
      Waiting.await(future, "a part", left(deadline));
    } catch (StartupException e) {
      LOG.warn("Stopping: {}", e.getMessage());
    }
  }
}
