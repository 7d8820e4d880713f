package dev.torii.ratelimit;

import dev.torii.config.Limit;
import java.util.List;
import java.util.Map;

/** Where this process has its rules from, to be read again. */
public interface RuleSource {
  /** Reads them; blocks, because files are read. */
  Reading read();

  /**
   * What was read.
   *
   * @param limits the rules, empty when there are faults
   * @param faults why they cannot be used, one line for each
   * @param needRestart other keys that have changed, which is of no effect before a restart
   * @param idle names of rules that count nothing
   */
  record Reading(
      Map<String, Limit> limits, List<String> faults, List<String> needRestart, List<String> idle) {

    /** What cannot be used. */
    public static Reading faulty(List<String> faults) {
      return new Reading(Map.of(), faults, List.of(), List.of());
    }
  }
}
