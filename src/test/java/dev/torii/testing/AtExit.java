package dev.torii.testing;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes what tests have started when the JVM ends, the last one first. */
final class AtExit {
  private static final Deque<AutoCloseable> OPEN = new ArrayDeque<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(AtExit::closeAll, "test-services-closer"));
  }

  private AtExit() {}

  static synchronized void close(AutoCloseable resource) {
    OPEN.push(resource);
  }

  /** For what a test has closed itself. */
  static synchronized void forget(AutoCloseable resource) {
    OPEN.removeIf(open -> open == resource);
  }

  private static void closeAll() {
    Deque<AutoCloseable> open;
    synchronized (AtExit.class) {
      open = new ArrayDeque<>(OPEN);
      OPEN.clear();
    }
    for (AutoCloseable resource : open) {
      try {
        resource.close();
      } catch (Exception e) {
        System.err.println("Could not close " + resource + ": " + e);
      }
    }
  }
}
