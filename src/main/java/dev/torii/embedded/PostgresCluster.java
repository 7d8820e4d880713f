package dev.torii.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the directory of a new cluster.
 *
 * <p>It is made beside its place and moved there complete, so a start that was killed half-way
 * begins anew instead of finding half a cluster.
 */
final class PostgresCluster {
  /** Keeps the superuser's password inside the cluster, so that neither is there alone. */
  static final String PASSWORD_FILE = "torii.password";

  private final Path programs;
  private final Unprivileged user;
  private final String name;

  /**
   * @param name of the superuser and of the database
   */
  PostgresCluster(Path programs, Unprivileged user, String name) {
    this.programs = programs;
    this.user = user;
    this.name = name;
  }

  void create(Path cluster) throws IOException, EmbeddedException, InterruptedException {
    Path fresh = cluster.resolveSibling(cluster.getFileName() + ".new");
    Path passwordFile = cluster.resolveSibling(cluster.getFileName() + ".password");
    Binaries.delete(fresh);
    PrivateFiles.createDirectories(fresh);
    PrivateFiles.write(passwordFile, PrivateFiles.newSecret());
    user.own(fresh);
    user.own(passwordFile);
    run(
        "",
        "initdb",
        "-D",
        fresh.toString(),
        "-U",
        name,
        "-A",
        "scram-sha-256",
        "--pwfile=" + passwordFile,
        "-E",
        "UTF8",
        // The same order of text on every machine, whatever locales it has.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C");
    run(
        "CREATE DATABASE " + name + ";\n",
        "postgres",
        "--single",
        "-D",
        fresh.toString(),
        "postgres");
    Files.move(passwordFile, fresh.resolve(PASSWORD_FILE));
    Files.move(fresh, cluster, StandardCopyOption.ATOMIC_MOVE);
  }

  private void run(String input, String program, String... arguments)
      throws IOException, EmbeddedException, InterruptedException {
    List<String> command = new ArrayList<>(user.prefix());
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Launcher.cleanEnvironment(builder);
    Process process = builder.start();
    try (var toProgram = process.getOutputStream()) {
      toProgram.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      String lastLine = output.substring(output.lastIndexOf('\n') + 1);
      throw new EmbeddedException(
          program + " of the embedded PostgreSQL failed: " + lastLine, new IOException(output));
    }
  }
}
