package dev.torii.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.embedded.RedisExecProvider;

/**
 * A Redis server of its own that a test may stop, kill, pause and start again on the same port.
 *
 * <p>Everything it was told survives {@link #stop} and {@link #kill}: whether the next start knows
 * it is the choice of {@link #startAgain} or {@link #startEmpty}.
 */
public final class RedisProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

  private final int port = Ports.free();
  private final Path directory = TempDirectories.create("redis");
  private final List<String> options;
  private final RedisProbe probe = new RedisProbe(uri());
  private Process process;

  private RedisProcess(List<String> options) {
    this.options = options;
  }

  /**
   * Starts a server.
   *
   * @param options further ones as on the command line, for example {@code --maxmemory 8mb}
   */
  static RedisProcess start(String... options) {
    var redis = new RedisProcess(List.of(options));
    AtExit.close(redis);
    redis.startAgain();
    return redis;
  }

  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** A way to look into this server. */
  public RedisProbe probe() {
    return probe;
  }

  /** Starts the stopped server with all it knew. */
  public void startAgain() {
    if (process != null && process.isAlive()) {
      throw new IllegalStateException("Redis is running");
    }
    try {
      Path log = directory.resolve("redis.log");
      process =
          new ProcessBuilder(command())
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await("Redis answers")
        .atMost(START_TIMEOUT)
        .pollInterval(Duration.ofMillis(10))
        .pollDelay(Duration.ZERO)
        .ignoreExceptions()
        .until(() -> probe.text("PING").equals("PONG"));
  }

  /** Starts the stopped server with nothing in it. */
  public void startEmpty() {
    TempDirectories.delete(directory.resolve("appendonlydir"));
    startAgain();
  }

  /** Asks the server to end and waits for it. */
  public void stop() {
    process.destroy();
    awaitEnd();
  }

  /** Ends the server at once, without a goodbye. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Freezes the server: connections stay open and nothing is answered. */
  public void pause() {
    Signals.pause(process.pid());
  }

  /** Ends {@link #pause}; what was sent meanwhile is answered now. */
  public void resume() {
    Signals.resume(process.pid());
  }

  public boolean isRunning() {
    return process.isAlive();
  }

  @Override
  public void close() {
    AtExit.forget(this);
    if (process != null) {
      kill();
    }
    TempDirectories.delete(directory);
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("Redis does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Program.PATH.toString());
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "no"));
    command.addAll(options);
    return command;
  }

  /** The server's program, unpacked once for the JVM. */
  private static final class Program {
    static final Path PATH = unpack();

    private static Path unpack() {
      try {
        Path program = RedisExecProvider.defaultProvider().get().toPath();
        Path kept = Files.move(program, TempDirectories.create("redis-bin").resolve("server"));
        AtExit.close(() -> TempDirectories.delete(kept.getParent()));
        return kept;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
