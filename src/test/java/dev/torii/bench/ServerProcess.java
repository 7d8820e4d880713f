package dev.torii.bench;

import dev.torii.testing.Signals;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fat jar as a process of its own, told what to do by its environment only. */
final class ServerProcess implements Closeable {
  private static final Pattern READY_LINE =
      Pattern.compile("listening on http://\\[?([^\\s\\]]+?)]?:(\\d+)");
  private static final Duration LONGEST_START = Duration.ofSeconds(60);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(30);
  private static final int PROBE_TIMEOUT_MILLIS = 5_000;

  private final Process process;
  private final CompletableFuture<InetSocketAddress> address = new CompletableFuture<>();
  private Start start;

  private ServerProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts the jar and waits until it says that it listens and its readiness answers 200.
   *
   * @param environment beside the inherited one, of which nothing that Torii reads is left
   * @param directory made when absent: working directory, log and temporary files
   * @throws IOException when the process ends or is not ready within 60 seconds
   */
  static ServerProcess start(Settings settings, Path directory, Map<String, String> environment)
      throws IOException {
    Path temporary = Files.createDirectories(directory.resolve("tmp")).toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(settings.java().toString());
    command.add("-Xmx256m");
    // An empty one, so that a first start really is one: unpacked servers are kept there.
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-jar");
    command.add(settings.jar().toAbsolutePath().toString());
    command.add("serve");
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.redirectErrorStream(true);
    builder.environment().keySet().removeIf(ServerProcess::changesTheServer);
    builder.environment().putAll(environment);

    Path log = directory.resolve("server.log");
    long started = System.nanoTime();
    var server = new ServerProcess(builder.start());
    Runtime.getRuntime().addShutdownHook(new Thread(server.process::destroy));
    server.readOutput(log);
    try {
      server.awaitReady();
    } catch (IOException e) {
      server.close();
      throw new IOException(e.getMessage() + ", see " + log, e);
    }
    server.start = new Start(Duration.ofNanos(System.nanoTime() - started), server.cpu());
    return server;
  }

  InetSocketAddress address() {
    return address.join();
  }

  String url(String path) {
    return "http://" + address().getHostString() + ":" + address().getPort() + path;
  }

  /** What the start took. */
  Start start() {
    return start;
  }

  /**
   * From the start of the process to its first 200 of {@code /health/ready}.
   *
   * @param cpu processor time of all threads, which other load on the machine changes little
   */
  record Start(Duration ready, Duration cpu) {
    @Override
    public String toString() {
      return ready.toMillis() + " ms (" + cpu.toMillis() + " of CPU)";
    }
  }

  /** Processor time of all threads so far, the JVM's own included; counted in steps of 10 ms. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  /** Resident memory of the process. */
  Memory memory() throws IOException {
    Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
    if (Files.exists(status)) {
      long resident = 0;
      long peak = 0;
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmRSS:")) {
          resident = kibibytes(line);
        } else if (line.startsWith("VmHWM:")) {
          peak = kibibytes(line);
        }
      }
      return new Memory(resident, peak);
    }
    Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", "" + process.pid()).start();
    long resident =
        kibibytes(new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    return new Memory(resident, resident);
  }

  /**
   * @param residentKib now
   * @param peakKib the most there ever was, or now where the system does not keep it
   */
  record Memory(long residentKib, long peakKib) {}

  /** Makes the JVM drop what nobody uses; returns when that is done. */
  void collectGarbage() throws IOException {
    Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    new ProcessBuilder(tool.toString(), Long.toString(process.pid()), "GC.run")
        .redirectErrorStream(true)
        .start()
        .getInputStream()
        .readAllBytes();
  }

  /** The process stops running but keeps its sockets open. */
  void pause() {
    Signals.pause(process.pid());
  }

  /** Ends {@link #pause}. */
  void resume() {
    Signals.resume(process.pid());
  }

  /** Ends the process at once, without a goodbye. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Asks the process to stop, as an operator would, and waits until it is gone. */
  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(LONGEST_STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("the server did not stop within " + LONGEST_STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  private void readOutput(Path log) {
    var thread = new Thread(() -> copyOutput(log), "server-output");
    thread.setDaemon(true);
    thread.start();
  }

  private void copyOutput(Path log) {
    try (BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        Writer out = Files.newBufferedWriter(log)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        out.write(line + System.lineSeparator());
        out.flush();
        Matcher ready = READY_LINE.matcher(line);
        if (ready.find()) {
          address.complete(
              new InetSocketAddress(
                  InetAddress.getByName(ready.group(1)), Integer.parseInt(ready.group(2))));
        }
      }
      address.completeExceptionally(new IOException("the server ended before it was ready"));
    } catch (IOException e) {
      address.completeExceptionally(e);
    }
  }

  private void awaitReady() throws IOException {
    long deadline = System.nanoTime() + LONGEST_START.toNanos();
    try {
      address.get(LONGEST_START.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("the server did not listen within " + LONGEST_START, e);
    } catch (ExecutionException e) {
      throw new IOException("the server did not start", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    while (!answersReady()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("/health/ready did not answer 200 within " + LONGEST_START);
      }
    }
  }

  /** By a bare socket: the first use of a whole HTTP client would be counted as start-up time. */
  private boolean answersReady() throws IOException {
    try (var socket = new Socket(address().getAddress(), address().getPort())) {
      socket.setSoTimeout(PROBE_TIMEOUT_MILLIS);
      var out = new PrintStream(socket.getOutputStream(), false, StandardCharsets.US_ASCII);
      out.print("GET /health/ready HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n");
      out.flush();
      byte[] line = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
      return new String(line, StandardCharsets.US_ASCII).endsWith(" 200");
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  private static boolean changesTheServer(String variable) {
    return variable.startsWith("TORII_") || variable.equals("JAVA_TOOL_OPTIONS");
  }

  private static long kibibytes(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }
}
