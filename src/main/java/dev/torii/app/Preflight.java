package dev.torii.app;

import dev.torii.config.AppConfig;
import dev.torii.config.HttpConfig;
import dev.torii.config.JobsConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out at once what would otherwise fail after the servers were started and filled. */
final class Preflight {
  /** What the JDK makes of bytes that the locale's charset does not have. */
  private static final char UNREADABLE = '\uFFFD';

  private Preflight() {}

  /**
   * @throws StartupException when the port is taken or files here cannot be named
   */
  static void check(AppConfig config) throws StartupException {
    requireReadable(System.getProperty("user.dir"));
    requireReadable(config.dataDir().toString());
    requireHandlers(config.jobs());
    requireFree(config.http());
  }

  /**
   * @throws StartupException when the directory of handlers is none that can be read
   */
  static void requireHandlers(JobsConfig jobs) throws StartupException {
    Path directory = Path.of(jobs.handlersDir());
    boolean given = !jobs.handlersDir().isEmpty();
    if (given && !(Files.isDirectory(directory) && Files.isReadable(directory))) {
      throw new StartupException(
          "jobs.handlersDir: " + directory + " is not a directory that can be read",
          ExitCode.WRONG_CONFIGURATION);
    }
  }

  private static void requireReadable(String directory) throws StartupException {
    if (directory.indexOf(UNREADABLE) >= 0) {
      throw new StartupException(
          "the name of a directory cannot be read in this locale; set LC_ALL=C.UTF-8",
          ExitCode.WRONG_CONFIGURATION,
          null);
    }
  }

  /** Someone may take the port meanwhile; listening says so then, as it would without this. */
  private static void requireFree(HttpConfig http) throws StartupException {
    if (http.port() == 0) {
      return;
    }
    try {
      new ServerSocket(http.port(), 1, InetAddress.getByName(http.host())).close();
    } catch (IOException e) {
      throw new StartupException(
          "cannot listen: "
              + http.host()
              + ":"
              + http.port()
              + ": "
              + e.getMessage()
              + " (see http.host and http.port)",
          ExitCode.WRONG_CONFIGURATION,
          e);
    }
  }
}
