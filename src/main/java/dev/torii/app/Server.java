package dev.torii.app;

import dev.torii.config.AppConfig;
import java.util.concurrent.CountDownLatch;

/** The running whole: backing services first, then what speaks to them, HTTP last. */
public final class Server {
  private final AppConfig given;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private BackingServices services;
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
    System.out.println("backing services are ready");
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
    if (services != null) {
      services.close();
      services = null;
    }
    stopped.countDown();
  }
}
