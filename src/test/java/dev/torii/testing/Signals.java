package dev.torii.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Sends signals to processes that the tests have started. */
public final class Signals {
  private Signals() {}

  /** The process stops running but keeps its sockets open. */
  public static void pause(long pid) {
    send("STOP", pid);
  }

  /** Ends {@link #pause}. */
  public static void resume(long pid) {
    send("CONT", pid);
  }

  /** The terminal is gone, or something is to be read again. */
  static void hangUp(long pid) {
    send("HUP", pid);
  }

  /** Whether a process ignores SIGHUP, as Linux tells; elsewhere none is known to. */
  static boolean ignoresHangUp(long pid) {
    Path status = Path.of("/proc/" + pid + "/status");
    if (!Files.exists(status)) {
      return false;
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("SigIgn:"))
          .map(line -> Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16))
          .anyMatch(ignored -> (ignored & 1) != 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
