package dev.torii.app;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns SIGTERM and Ctrl-C into an ordered stop that ends with exit code 0.
 *
 * <p>The JVM itself would report 143 after SIGTERM, so the hook ends the process with {@code halt}
 * once everything is closed. When the main thread ends first, the hook does nothing and the code of
 * {@link Main} stands.
 */
final class StopOnSignal {
  /**
   * The deadline over all: longer than {@link Server#stop} takes, and with what the JVM needs
   * around it less than 30 s.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(28);

  private static final Logger LOG = LoggerFactory.getLogger(StopOnSignal.class);
  private static final AtomicBoolean MAIN_DONE = new AtomicBoolean();

  private StopOnSignal() {}

  /** Runs {@code stop}, which says whether it was clean, at the first signal. */
  static void install(BooleanSupplier stop) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> onShutdown(stop), "stop"));
  }

  /** From here on the process ends with the code of the main thread. */
  static void mainIsDone() {
    MAIN_DONE.set(true);
  }

  private static void onShutdown(BooleanSupplier stop) {
    if (MAIN_DONE.get()) {
      return;
    }
    Runtime.getRuntime().halt(stopped(stop) ? ExitCode.OK : ExitCode.FAILED);
  }

  private static boolean stopped(BooleanSupplier stop) {
    AtomicBoolean clean = new AtomicBoolean();
    Thread stopping = new Thread(() -> clean.set(stop.getAsBoolean()), "ordered-stop");
    stopping.setDaemon(true);
    stopping.start();
    try {
      stopping.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (stopping.isAlive()) {
      LOG.error("The ordered stop took more than {} s", PATIENCE.toSeconds());
    } else if (!clean.get()) {
      LOG.error("The ordered stop failed; what was left is stopped by the next start");
    }
    return clean.get();
  }
}
