package dev.torii.ratelimit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Notices that another process has other rules in force, as after a reload that it did not hear. A
 * process says so for several beats before it is believed, because a reload takes its time. Belongs
 * to one context.
 */
final class RuleAgreement {
  /** Beats in a row with other rules, after which that is told. */
  static final int BEATS_TO_TELL = 5;

  /** Processes that are remembered; what is on the channel may be of anyone. */
  private static final int MOST = 1_000;

  /** Beats in a row with other rules, by process. */
  private final Map<String, Integer> beats =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
          return size() > MOST;
        }
      };

  /** The body of a beat: who lives, and what its rules are. */
  static String beat(String process, String rules) {
    return process + " " + rules;
  }

  /**
   * Hears a beat of any process, this one too.
   *
   * @param rules what names the rules in force here
   * @return whether it is time to tell that the two differ, which is once until they agree again
   */
  boolean isTimeToTell(String beat, String rules) {
    int end = beat.indexOf(' ');
    if (end < 0) {
      return false; // of a version that does not say
    }
    String process = beat.substring(0, end);
    if (beat.substring(end + 1).equals(rules)) {
      beats.remove(process);
      return false;
    }
    return beats.merge(process, 1, Integer::sum) == BEATS_TO_TELL;
  }
}
