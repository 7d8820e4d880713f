package dev.torii.testing;

import java.time.Duration;
import java.util.List;

/**
 * How a process ended.
 *
 * @param took from the signal, or from the start of waiting
 * @param logs both outputs together
 */
public record ProcessExit(int code, Duration took, String stdout, String logs) {
  /** What was said on standard error or output, without empty lines. */
  public List<String> lines() {
    return logs.lines().filter(line -> !line.isBlank()).toList();
  }
}
