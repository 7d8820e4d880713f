package dev.torii.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The knobs of a benchmark, each a system property.
 *
 * @param suite {@code bench.suite}: what is measured, {@code load}, {@code trust}, {@code
 *     mechanisms} or {@code jobs}
 * @param figures {@code bench.figures}: names of the suite's figures to run, all when empty
 * @param jar {@code test.torii.jar}: the fat jar under test
 * @param java {@code bench.java}: the Java that runs it, so that a newer one can be measured
 * @param run {@code bench.seconds}: length of one measured run
 * @param warmUp {@code bench.warmupSeconds}: load on each scenario before the first measured run
 * @param repeats {@code bench.repeats}: measured runs of each scenario, 3 or more for a median
 * @param connections {@code bench.connections}: of every scenario but login
 * @param loginConnections {@code bench.loginConnections}
 * @param users {@code bench.users}: accounts that take turns
 * @param starts {@code bench.starts}: starts against external servers of which the median counts
 * @param strict {@code bench.strict}: whether a missed target fails the run
 * @param output {@code bench.output}: directory for {@code bench.json} and the servers' logs
 */
record Settings(
    Suite suite,
    List<String> figures,
    Path jar,
    Path java,
    Duration run,
    Duration warmUp,
    int repeats,
    int connections,
    int loginConnections,
    int users,
    int starts,
    boolean strict,
    Path output) {

  Settings {
    if (run.isZero() || repeats < 1 || connections < 1 || loginConnections < 1 || starts < 1) {
      throw new IllegalArgumentException("seconds, repeats, connections and starts begin at 1");
    }
    if (users < 2) {
      throw new IllegalArgumentException("bench.users begins at 2, one half of them is missed");
    }
  }

  static Settings fromSystemProperties() {
    return new Settings(
        Suite.valueOf(System.getProperty("bench.suite", "load").toUpperCase(Locale.ROOT)),
        Arrays.stream(System.getProperty("bench.figures", "").split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .toList(),
        Path.of(System.getProperty("test.torii.jar", "target/torii.jar")),
        Path.of(
            System.getProperty(
                "bench.java", Path.of(System.getProperty("java.home"), "bin", "java").toString())),
        Duration.ofSeconds(Integer.getInteger("bench.seconds", 5)),
        Duration.ofSeconds(Integer.getInteger("bench.warmupSeconds", 8)),
        Integer.getInteger("bench.repeats", 3),
        Integer.getInteger("bench.connections", 64),
        Integer.getInteger("bench.loginConnections", 4),
        Integer.getInteger("bench.users", 128),
        Integer.getInteger("bench.starts", 3),
        Boolean.getBoolean("bench.strict"),
        Path.of(System.getProperty("bench.output", "target")));
  }

  /** What there is to measure. */
  enum Suite {
    /** Requests, starts and memory. */
    LOAD,
    /** Promises of accounts and sessions that must hold every time. */
    TRUST,
    /** Promises of limits, cache and write-behind that must hold every time. */
    MECHANISMS,
    /** Promises of jobs that must hold every time, and how many are done. */
    JOBS
  }
}
