package dev.torii.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The built jar as a process of its own, as an operator would run it. */
public final class ToriiProcess implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on (http://\\S+:\\d+)");
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(40);

  private final Process process;
  private final Path ownedDirectory;
  private final CompletableFuture<URI> listening = new CompletableFuture<>();
  private final Queue<String> stdout = new ConcurrentLinkedQueue<>();
  private final Queue<String> logs = new ConcurrentLinkedQueue<>();
  private final List<Thread> readers;

  private ToriiProcess(Process process, Path ownedDirectory) {
    this.process = process;
    this.ownedDirectory = ownedDirectory;
    this.readers =
        List.of(
            follow(process.getInputStream(), this::hearStdout),
            follow(process.getErrorStream(), logs::add));
    AtExit.close(this);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Where it listens. */
  public URI baseUri() {
    return listening.join();
  }

  /** A client without a token. */
  public ApiClient api() {
    return ApiClient.to(baseUri());
  }

  /** All lines of standard output so far. */
  public String stdout() {
    return String.join("\n", stdout);
  }

  /** All lines of both outputs so far. */
  public String logs() {
    return String.join("\n", logs);
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Sends SIGTERM and waits until the process has ended. */
  public ProcessExit stop() {
    long started = System.nanoTime();
    terminate();
    return awaitExit(started, STOP_TIMEOUT);
  }

  /** Sends SIGTERM and returns at once. */
  public void terminate() {
    process.destroy();
  }

  /** Ends the process at once, without a goodbye. */
  public void kill() {
    process.destroyForcibly();
    awaitExit(System.nanoTime(), STOP_TIMEOUT);
  }

  /** Freezes the process: its connections stay open and nothing is answered. */
  public void pause() {
    Signals.pause(process.pid());
  }

  /** Ends {@link #pause}. */
  public void resume() {
    Signals.resume(process.pid());
  }

  /** Whether SIGHUP comes through: a JVM does not hear what its parent ignored, as under nohup. */
  public boolean hearsHangUp() {
    return !Signals.ignoresHangUp(process.pid());
  }

  /** Sends SIGHUP and returns at once. */
  public void hangUp() {
    Signals.hangUp(process.pid());
  }

  /**
   * Waits until the process ends by itself.
   *
   * @throws AssertionError when it has not after {@code patience}
   */
  public ProcessExit awaitExit(Duration patience) {
    return awaitExit(System.nanoTime(), patience);
  }

  /**
   * Waits until the process says that it is ready.
   *
   * @throws AssertionError when it ends or stays silent instead
   */
  public ToriiProcess awaitReady() {
    try {
      listening.get(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      return this;
    } catch (TimeoutException | ExecutionException e) {
      String state = process.isAlive() ? "is silent" : "ended with " + process.exitValue();
      kill();
      throw new AssertionError("Torii " + state + " instead of listening:\n" + logs(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Ends the process and removes its data directory when the test gave none. */
  @Override
  public void close() {
    AtExit.forget(this);
    if (process.isAlive()) {
      endGently();
    }
    if (ownedDirectory != null) {
      TempDirectories.delete(ownedDirectory);
    }
  }

  private void endGently() {
    process.destroy(); // embedded servers would outlive a SIGKILL of their parent
    try {
      if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private ProcessExit awaitExit(long startedNanos, Duration patience) {
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("Torii has not ended after " + patience + ":\n" + logs());
      }
      Duration took = Duration.ofNanos(System.nanoTime() - startedNanos);
      for (Thread reader : readers) {
        reader.join(2_000);
      }
      return new ProcessExit(process.exitValue(), took, stdout(), logs());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void hearStdout(String line) {
    stdout.add(line);
    logs.add(line);
    Matcher ready = LISTENING.matcher(line);
    if (ready.find()) {
      listening.complete(URI.create(ready.group(1)));
    }
  }

  private Thread follow(InputStream output, Consumer<String> listener) {
    var thread = new Thread(() -> readLines(output, listener), "torii-" + process.pid());
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void readLines(InputStream output, Consumer<String> listener) {
    try (var reader = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
      reader.lines().forEach(listener);
    } catch (IOException | UncheckedIOException e) {
      listener.accept("output ended: " + e.getMessage());
    }
    listening.completeExceptionally(new IOException("the process ended"));
  }

  /** What a process is started with; nothing of the test's own {@code TORII_*} reaches it. */
  public static final class Builder {
    private final Map<String, String> environment = new TreeMap<>();
    private final List<String> jvmOptions =
        new ArrayList<>(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    private final List<String> arguments = new ArrayList<>();
    private Path dataDirectory;
    private String input = "";

    private Builder() {
      environment.put("TORII_HTTP_PORT", "0");
    }

    public Builder redis(String uri) {
      return env("TORII_REDIS_URI", uri);
    }

    public Builder postgres(String uri) {
      return env("TORII_PG_URI", uri);
    }

    public Builder env(String name, String value) {
      environment.put(name, value);
      return this;
    }

    public Builder jvmOption(String option) {
      jvmOptions.add(option);
      return this;
    }

    /** Arguments after the jar, for example {@code config --check}. */
    public Builder args(String... words) {
      arguments.addAll(List.of(words));
      return this;
    }

    /** What the process reads from standard input. */
    public Builder stdin(String text) {
      input = text;
      return this;
    }

    /** A directory that outlives the process; by default each has one of its own. */
    public Builder dataDirectory(Path directory) {
      dataDirectory = directory;
      return this;
    }

    /** Applies settings that several tests share. */
    public Builder with(UnaryOperator<Builder> settings) {
      return settings.apply(this);
    }

    /** Starts the process and waits until it is ready. */
    public ToriiProcess start() {
      return launch().awaitReady();
    }

    /** Starts the process and waits until it has ended by itself. */
    public ProcessExit run() {
      try (ToriiProcess process = launch()) {
        return process.awaitExit(START_TIMEOUT);
      }
    }

    /** Starts the process and returns at once. */
    public ToriiProcess launch() {
      boolean owned = dataDirectory == null;
      Path directory = owned ? TempDirectories.create("data") : dataDirectory;
      List<String> command = new ArrayList<>();
      String home = environment.getOrDefault("JAVA_HOME", System.getProperty("java.home"));
      command.add(Path.of(home, "bin", "java").toString());
      command.addAll(jvmOptions);
      command.addAll(ClassArchive.options(jar(), jvmOptions));
      command.addAll(List.of("-jar", jar().toString()));
      command.addAll(arguments);
      ProcessBuilder process = new ProcessBuilder(command).directory(directory.toFile());
      process.environment().keySet().removeIf(Builder::isInherited);
      process.environment().put("TORII_DATA_DIR", directory.resolve("data").toString());
      process.environment().putAll(environment);
      try {
        Process started = process.start();
        try (OutputStream stdin = started.getOutputStream()) {
          stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        return new ToriiProcess(started, owned ? directory : null);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static boolean isInherited(String name) {
      return name.startsWith("TORII_") || name.equals("JAVA_TOOL_OPTIONS");
    }

    private static Path jar() {
      Path jar = Path.of(System.getProperty("test.torii.jar", "target/torii.jar")).toAbsolutePath();
      if (!Files.exists(jar)) {
        throw new IllegalStateException(jar + " is not built: mvn -DskipTests package");
      }
      return jar;
    }
  }
}
