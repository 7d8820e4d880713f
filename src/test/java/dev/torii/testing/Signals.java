package dev.torii.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** Sends signals to processes that the tests have started. */
final class Signals {
  private Signals() {}

  /** The process stops running but keeps its sockets open. */
  static void pause(long pid) {
    send("STOP", pid);
  }

  /** Ends {@link #pause}. */
  static void resume(long pid) {
    send("CONT", pid);
  }

  /** The terminal is gone, or something is to be read again. */
  static void hangUp(long pid) {
    send("HUP", pid);
  }

  private static void send(String signal, long pid) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start();
      if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new IllegalStateException("SIG" + signal + " could not be sent to " + pid);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
