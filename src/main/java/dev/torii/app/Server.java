package dev.torii.app;

import dev.torii.auth.AuthApi;
import dev.torii.auth.AuthApi.CreateAdmin;
import dev.torii.config.AppConfig;
import dev.torii.postgres.DatabaseUnusableException;
import dev.torii.postgres.Migrations;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.BindException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
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
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);
  private static final String GENERATED_ADMIN = "admin@torii.local";

  private final AppConfig given;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private BackingServices services;
  private Vertx vertx;
  private Torii torii;
  private boolean stopping;

  public Server(AppConfig config) {
    this.given = config;
  }

  /**
   * Starts everything and returns when requests are served.
   *
   * @throws StartupException in one line; {@link #stop} then still has to be called
   */
  public void start() throws StartupException {
    BackingServices opened = BackingServices.open(given);
    if (!keep(opened)) {
      opened.close();
      return;
    }
    AppConfig config = opened.config();
    migrate(config);
    synchronized (this) {
      if (stopping) {
        return;
      }
      int cores = Runtime.getRuntime().availableProcessors();
      vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(Math.max(2, cores)));
      torii = new Torii(vertx, config, VersionCommand.version());
    }
    await(torii.start(), START_PATIENCE);
    announce(config, firstAdmin(config));
  }

  /** Keeps {@code opened} for the stop, unless that was asked for meanwhile. */
  private synchronized boolean keep(BackingServices opened) {
    if (!stopping) {
      services = opened;
    }
    return !stopping;
  }

  /** Waits until {@link #stop} has ended. */
  public void awaitStop() throws InterruptedException {
    stopped.await();
  }

  /** Stops everything in order; a second call does nothing. */
  public synchronized void stop() {
    stopping = true;
    if (torii != null) {
      LOG.info("Stopping");
      quietly(torii.stop());
      quietly(vertx.close());
      torii = null;
    }
    if (services != null) {
      services.close();
      services = null;
    }
    stopped.countDown();
  }

  private static void migrate(AppConfig config) throws StartupException {
    try {
      int applied = Migrations.apply(config.pg().uri());
      if (applied > 0) {
        LOG.info("Schema migrated, {} steps", applied);
      }
    } catch (DatabaseUnusableException e) {
      throw new StartupException(e.getMessage(), ExitCode.WRONG_CONFIGURATION, e);
    }
  }

  /** Makes the first admin when there is none; returns its password when it was generated. */
  private String firstAdmin(AppConfig config) throws StartupException {
    boolean given = !config.admin().email().isEmpty();
    boolean embedded = this.given.pg().uri().isEmpty();
    if (!given && !embedded) {
      return null;
    }
    String email = given ? config.admin().email() : GENERATED_ADMIN;
    String password = given ? config.admin().password() : generatePassword();
    boolean created =
        await(
                torii
                    .bus()
                    .ask(AuthApi.CREATE_ADMIN, new CreateAdmin(email, password, true)),
                START_PATIENCE)
            .created();
    return created && !given ? password : null;
  }

  private void announce(AppConfig config, String generatedPassword) {
    String base = "http://" + config.http().host() + ":" + torii.port();
    StringBuilder lines =
        new StringBuilder("Torii " + VersionCommand.version() + " is listening on " + base)
            .append("\n  docs     " + base + "/docs")
            .append("\n  metrics  " + base + "/metrics");
    if (generatedPassword != null) {
      lines.append(
          "\n  admin    " + GENERATED_ADMIN + " / " + generatedPassword + "   (shown only now)");
    }
    System.out.println(lines);
  }

  private static String generatePassword() {
    byte[] random = new byte[15];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  private static <T> T await(Future<T> future, Duration patience) throws StartupException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw explain(e.getCause());
    } catch (TimeoutException e) {
      throw new StartupException("the start took too long", ExitCode.FAILED, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("the start was interrupted", ExitCode.FAILED, e);
    }
  }

  private static StartupException explain(Throwable cause) {
    if (cause instanceof BindException) {
      return new StartupException(
          "cannot listen: " + cause.getMessage() + " (http.host, http.port)",
          ExitCode.WRONG_CONFIGURATION,
          cause);
    }
    if (cause instanceof IllegalArgumentException) {
      return new StartupException(cause.getMessage(), ExitCode.WRONG_CONFIGURATION, cause);
    }
    LOG.debug("The start failed", cause);
    return new StartupException(
        "the start failed: " + cause.getMessage(), ExitCode.FAILED, cause);
  }

  private static void quietly(Future<?> future) {
    try {
      await(future, STOP_PATIENCE);
    } catch (StartupException e) {
      LOG.warn("Stopping: {}", e.getMessage());
    }
  }
}
