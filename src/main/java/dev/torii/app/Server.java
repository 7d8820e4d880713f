package dev.torii.app;

import dev.torii.auth.AuthModule;
import dev.torii.config.AppConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
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
    int migrations = new Maintenance(config).migrate();
    if (migrations > 0) {
      LOG.info("Schema migrated in {} steps", migrations);
    }
    synchronized (this) {
      if (stopping) {
        return;
      }
      vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(Torii.eventLoops(config)));
      torii = new Torii(vertx, config, VersionCommand.version());
    }
    Waiting.await(torii.start(), "the start", START_PATIENCE);
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
        Waiting.await(
            AuthModule.createAdmin(vertx, torii.database(), config.auth(), email, password, true),
            "making the first administrator",
            START_PATIENCE);
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

  private static void quietly(Future<?> future) {
    try {
      Waiting.await(future, "a part", STOP_PATIENCE);
    } catch (StartupException e) {
      LOG.warn("Stopping: {}", e.getMessage());
    }
  }
}
