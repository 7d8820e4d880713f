package dev.torii.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis server on the loopback interface with an append-only file in the data directory.
 *
 * <p>The program is the one that {@code org.signal:embedded-redis} carries. Its Java wrapper is not
 * used: it unpacks into the temporary directory at each start, prints to standard output and stops
 * reading the server's own output after the first lines, on which the server can block.
 */
final class EmbeddedRedis implements ServerProcess.Kind {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);
  private static final int ANSWER_TIMEOUT_MILLIS = 500;

  private final Path directory;
  private final Path program;
  private final int port;
  private final String password;

  private EmbeddedRedis(Path directory, Path program, int port, String password) {
    this.directory = directory;
    this.program = program;
    this.port = port;
    this.password = password;
  }

  /** A server that was not started yet; what an earlier process left running is stopped first. */
  static EmbeddedRedis prepare(Path directory, Binaries binaries, int wanted, int last)
      throws EmbeddedException, InterruptedException {
    try {
      PrivateFiles.createDirectories(directory);
      var leftover = Leftover.find(pidFile(directory), configFile(directory).toString());
      if (leftover.isPresent()) {
        LOG.info("Stopping the Redis that an earlier process left, pid {}", leftover.get().pid());
        leftover.get().stop(ProcessHandle::destroy, EmbeddedServers.STOP_PATIENCE);
      }
      Path program = binaries.redis();
      String password = PrivateFiles.secret(directory.resolve("redis.password"));
      int port = Ports.choose(wanted, last, "embedded.redisPort");
      return new EmbeddedRedis(directory, program, port, password);
    } catch (IOException e) {
      throw new EmbeddedException("Cannot prepare " + directory + " for the embedded Redis", e);
    }
  }

  private static Path configFile(Path directory) {
    return directory.resolve("redis.conf");
  }

  private static Path pidFile(Path directory) {
    return directory.resolve("redis.pid");
  }

  String uri() {
    return "redis://:" + password + "@" + Ports.LOOPBACK + ":" + port;
  }

  int port() {
    return port;
  }

  @Override
  public String name() {
    return "Redis";
  }

  @Override
  public Process launch() throws IOException {
    // A file, not arguments: every user of the machine may read arguments. The process keeps its
    // command line as title, by which a leftover is recognised.
    Path config = configFile(directory);
    PrivateFiles.write(
        config,
        """
        bind %s
        port %d
        dir %s
        appendonly yes
        appendfsync everysec
        save ""
        maxmemory-policy noeviction
        logfile %s
        pidfile %s
        loglevel notice
        requirepass %s
        set-proc-title no
        """
            .formatted(
                Ports.LOOPBACK,
                port,
                quoted(directory),
                quoted(Path.of(logFile())),
                quoted(pidFile(directory)),
                password));
    return Launcher.start(
        List.of(program.toString(), config.toString()), directory, Path.of(logFile()));
  }

  private static String quoted(Path path) {
    return "\"" + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  @Override
  public boolean isReady() {
    try (Socket socket = new Socket()) {
      socket.connect(Ports.address(port), ANSWER_TIMEOUT_MILLIS);
      socket.setSoTimeout(ANSWER_TIMEOUT_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(("AUTH " + password + "\r\nPING\r\n").getBytes(StandardCharsets.US_ASCII));
      byte[] expected = "+OK\r\n+PONG\r\n".getBytes(StandardCharsets.US_ASCII);
      byte[] answer = socket.getInputStream().readNBytes(expected.length);
      return Arrays.equals(answer, expected);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void askToStop(ProcessHandle process) {
    process.destroy();
  }

  @Override
  public String logFile() {
    return directory.resolve("redis.log").toString();
  }
}
