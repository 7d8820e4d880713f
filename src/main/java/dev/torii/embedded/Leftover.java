package dev.torii.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A server that outlived the process which started it, as after {@code kill -9}.
 *
 * <p>A number in a file proves nothing, numbers are given out again: the process must also carry
 * the name of its data in its command line.
 */
final class Leftover {
  private final ProcessHandle process;

  private Leftover(ProcessHandle process) {
    this.process = process;
  }

  /**
   * The server whose number is the first line of {@code pidFile}.
   *
   * @param mark a part of its command line that no other process has
   */
  static Optional<Leftover> find(Path pidFile, String mark) {
    return readPid(pidFile)
        .flatMap(ProcessHandle::of)
        .filter(ProcessHandle::isAlive)
        .filter(process -> process.info().commandLine().orElse("").contains(mark))
        .map(Leftover::new);
  }

  /**
   * Whether the number in {@code pidFile} is known to belong to none or to another program; asked
   * after {@link #find} has found nothing. When the command line cannot be read nothing is known.
   */
  static boolean isStranger(Path pidFile) {
    return readPid(pidFile)
        .map(ProcessHandle::of)
        .map(process -> process.isEmpty() || process.get().info().commandLine().isPresent())
        .orElse(false);
  }

  private static Optional<Long> readPid(Path pidFile) {
    try {
      return Files.readAllLines(pidFile).stream()
          .findFirst()
          .map(String::strip)
          .filter(line -> line.matches("\\d{1,10}"))
          .map(Long::valueOf);
    } catch (IOException e) {
      // No file, or none that can be read: nothing is left over that could be found.
      return Optional.empty();
    }
  }

  long pid() {
    return process.pid();
  }

  /**
   * Asks it to stop, and kills it when it does not within {@code patience}.
   *
   * @param ask sends it the signal for an orderly stop
   */
  void stop(Consumer<ProcessHandle> ask, Duration patience) throws InterruptedException {
    ask.accept(process);
    if (!gone(patience)) {
      process.destroyForcibly();
      gone(patience);
    }
  }

  private boolean gone(Duration patience) throws InterruptedException {
    try {
      process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return !process.isAlive();
    }
  }
}
