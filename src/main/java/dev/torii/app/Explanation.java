package dev.torii.app;

import dev.torii.config.ConfigException;
import java.io.PrintWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the operator why a command failed, in lines instead of stack traces. */
final class Explanation {
  private static final Logger LOG = LoggerFactory.getLogger(Explanation.class);

  private Explanation() {}

  /** Prints what {@code failure} means and returns the {@link ExitCode} for it. */
  static int print(Throwable failure, PrintWriter out) {
    LOG.debug("Command failed", failure);
    if (failure instanceof ConfigException config) {
      out.println("torii: the configuration is wrong");
      config.faults().forEach(fault -> out.println("  " + fault));
      out.flush();
      return ExitCode.WRONG_CONFIGURATION;
    }
    if (failure instanceof StartupException startup) {
      out.println("torii: " + startup.getMessage());
      out.flush();
      return startup.exitCode();
    }
    LOG.error("Failed unexpectedly", failure);
    return ExitCode.FAILED;
  }
}
