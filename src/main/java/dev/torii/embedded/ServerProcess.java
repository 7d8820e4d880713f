package dev.torii.embedded;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One server kept running: started, watched, started again when it dies, stopped in order. */
final class ServerProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);

  /** Pause between two looks at a starting server, in milliseconds. */
  private static final long LOOK_EVERY_MILLIS = 15;

  /** Longest pause before a dead server is started again, in milliseconds. */
  private static final long LONGEST_PAUSE_MILLIS = 5000;

  private static final Duration START_PATIENCE = Duration.ofSeconds(30);

  /** What is special about one kind of server. */
  interface Kind {
    String name();

    /** Starts the process, on the same port each time. */
    Process launch() throws IOException;

    /** Whether it answers. */
    boolean isReady();

    /** Sends the signal for an orderly and fast stop. */
    void askToStop(ProcessHandle process);

    /** Where it writes what went wrong. */
    String logFile();
  }

  private final Kind kind;
  private final ScheduledExecutorService watcher;
  private Process process;
  private volatile boolean stopping;
  private int deaths;

  ServerProcess(Kind kind, ScheduledExecutorService watcher) {
    this.kind = kind;
    this.watcher = watcher;
  }

  /** Starts it and waits until it answers, at most 30 s. */
  synchronized void start() throws EmbeddedException, InterruptedException {
    try {
      process = kind.launch();
    } catch (IOException e) {
      throw new EmbeddedException("The embedded " + kind.name() + " cannot be started", e);
    }
    awaitReady(process);
    Process started = process;
    var unused = started.onExit().thenRunAsync(() -> died(started), watcher);
  }

  private void awaitReady(Process started) throws EmbeddedException, InterruptedException {
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    while (!kind.isReady()) {
      boolean ended = started.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
      if (ended || stopping || System.nanoTime() > deadline) {
        String what = ended ? "ended with code " + started.exitValue() : "does not answer";
        started.destroyForcibly();
        throw new EmbeddedException(
            "The embedded " + kind.name() + " " + what + "; see " + kind.logFile());
      }
    }
  }

  private synchronized void died(Process dead) {
    if (stopping || dead != process) {
      return;
    }
    LOG.warn(
        "Embedded {} ended unexpectedly with code {}, starting it again",
        kind.name(),
        dead.exitValue());
    restart();
  }

  private synchronized void restart() {
    if (stopping) {
      return;
    }
    try {
      start();
      deaths = 0;
      LOG.info("Embedded {} runs again", kind.name());
    } catch (EmbeddedException e) {
      long pause = Math.min(LONGEST_PAUSE_MILLIS, 100L << Math.min(deaths++, 10));
      LOG.warn("{}; next try in {} ms", e.getMessage(), pause);
      var unused = watcher.schedule(this::restart, pause, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops it, by force when it has not ended within {@code patience}. */
  void stop(Duration patience) throws InterruptedException {
    // Before the monitor is taken: a start under way gives it up when it sees this.
    stopping = true;
    Process last = current();
    if (last == null || !last.isAlive()) {
      return;
    }
    kind.askToStop(last.toHandle());
    if (!last.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.warn("Embedded {} did not stop within {} s, killed", kind.name(), patience.toSeconds());
      last.destroyForcibly().waitFor();
    }
  }

  private synchronized Process current() {
    return process;
  }
}
