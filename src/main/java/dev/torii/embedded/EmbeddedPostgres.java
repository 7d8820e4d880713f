package dev.torii.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server on the loopback interface with its cluster in the data directory.
 *
 * <p>The programs are the ones that {@code io.zonky.test.postgres} builds. The Java wrapper around
 * them is made for tests and not used: it switches fsync off, lets anyone in without a password,
 * trusts half-unpacked programs, and cannot watch the server, which it starts through pg_ctl.
 */
final class EmbeddedPostgres implements ServerProcess.Kind {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);

  /** Name of the superuser and of the database. */
  private static final String NAME = "torii";

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("listen_addresses", Ports.LOOPBACK),
          Map.entry("unix_socket_directories", ""),
          Map.entry("fsync", "on"),
          Map.entry("synchronous_commit", "on"),
          Map.entry("full_page_writes", "on"),
          Map.entry("shared_buffers", "64MB"),
          Map.entry("max_connections", "100"),
          Map.entry("timezone", "UTC"),
          // Statements that fail are the caller's to log; they may hold what must not be written.
          Map.entry("log_min_messages", "log"),
          Map.entry("log_min_error_statement", "panic"),
          Map.entry("log_checkpoints", "off"));

  private final Path cluster;
  private final Path programs;
  private final Unprivileged user;
  private final String password;
  private final int port;
  private volatile long pid;

  private EmbeddedPostgres(
      Path cluster, Path programs, Unprivileged user, String password, int port) {
    this.cluster = cluster;
    this.programs = programs;
    this.user = user;
    this.password = password;
    this.port = port;
  }

  /** A server that was not started yet; what an earlier process left running is stopped first. */
  static EmbeddedPostgres prepare(Path cluster, Binaries binaries, int wanted, int last)
      throws EmbeddedException, InterruptedException {
    try {
      stopLeftover(cluster);
      Unprivileged user = Unprivileged.choose();
      Path programs = binaries.postgres();
      if (!Files.exists(cluster)) {
        new PostgresCluster(programs, user, NAME).create(cluster);
      }
      user.own(cluster);
      String password = PrivateFiles.secret(cluster.resolve(PostgresCluster.PASSWORD_FILE));
      int port = Ports.choose(wanted, last, "embedded.pgPort");
      return new EmbeddedPostgres(cluster, programs, user, password, port);
    } catch (IOException e) {
      throw new EmbeddedException("Cannot prepare " + cluster + " for the embedded PostgreSQL", e);
    }
  }

  private static void stopLeftover(Path cluster) throws IOException, InterruptedException {
    Path pidFile = cluster.resolve("postmaster.pid");
    Optional<Leftover> leftover = Leftover.find(pidFile, "-D " + cluster + " -p");
    if (leftover.isPresent()) {
      LOG.info(
          "Stopping the PostgreSQL that an earlier process left, pid {}", leftover.get().pid());
      leftover.get().stop(EmbeddedPostgres::interrupt, EmbeddedServers.STOP_PATIENCE);
    }
    if (leftover.isPresent() || Leftover.isStranger(pidFile)) {
      // The server would take any process that now has this number for itself and refuse to start.
      Files.deleteIfExists(pidFile);
    }
  }

  String uri() {
    return "postgresql://" + NAME + ":" + password + "@" + Ports.LOOPBACK + ":" + port + "/" + NAME;
  }

  int port() {
    return port;
  }

  @Override
  public String name() {
    return "PostgreSQL";
  }

  @Override
  public Process launch() throws IOException {
    List<String> command = new ArrayList<>(user.prefix());
    command.add(programs.resolve("postgres").toString());
    command.addAll(List.of("-D", cluster.toString(), "-p", Integer.toString(port)));
    SETTINGS.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    Process process = Launcher.start(command, cluster, Path.of(logFile()));
    pid = process.pid();
    return process;
  }

  /** The server writes its state as the eighth line of its pid file, which costs no connection. */
  @Override
  public boolean isReady() {
    try {
      List<String> lines = Files.readAllLines(cluster.resolve("postmaster.pid"));
      return lines.size() >= 8
          && lines.get(0).strip().equals(Long.toString(pid))
          && lines.get(7).strip().equals("ready");
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void askToStop(ProcessHandle process) {
    interrupt(process);
  }

  /** SIGINT is a fast shutdown: sessions end at once, committed work is kept. */
  private static void interrupt(ProcessHandle process) {
    try {
      new ProcessBuilder("sh", "-c", "kill -INT " + process.pid()).start().waitFor();
    } catch (IOException e) {
      LOG.debug("kill cannot be run, stopping slowly", e);
      process.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String logFile() {
    return cluster.resolveSibling("postgres.log").toString();
  }
}
