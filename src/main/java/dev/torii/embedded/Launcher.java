package dev.torii.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Starts programs apart from this process: own session, clean environment, output to a file. */
final class Launcher {
  /** Size in bytes above which an output file is put aside before the next start. */
  private static final long LARGEST_LOG = 10L << 20;

  private Launcher() {}

  /**
   * Starts {@code command} with its output appended to {@code log}.
   *
   * <p>A file, not a pipe: a pipe would break when this process is killed, and the server with it.
   */
  static Process start(List<String> command, Path directory, Path log) throws IOException {
    if (Files.exists(log) && Files.size(log) > LARGEST_LOG) {
      Files.move(log, Path.of(log + ".1"), StandardCopyOption.REPLACE_EXISTING);
    }
    List<String> whole = new ArrayList<>();
    // Ctrl-C in a terminal goes to the whole session, and the servers must outlive our own stop.
    find("setsid").ifPresent(setsid -> whole.add(setsid.toString()));
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole).directory(directory.toFile());
    cleanEnvironment(builder);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /**
   * The servers need none of our variables, some of which are secrets and some would steer them.
   */
  static void cleanEnvironment(ProcessBuilder builder) {
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("TZ", "UTC");
  }

  /** A program on the search path. */
  static Optional<Path> find(String program) {
    String path = System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    return Stream.of(path.split(":", -1))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
