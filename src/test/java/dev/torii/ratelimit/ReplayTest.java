package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules that do not exist, against cases counted by hand. */
class ReplayTest {
  /** The start of a window of ten seconds of the clock, in seconds since 1970. */
  private static final long NOON = 1_769_860_800;

  /** Limit 2 in 10 s; + admits, - refuses. */
  @ParameterizedTest
  @CsvSource({
    // the one at 9 leaves at 19, so 11 finds one slot taken and 12 two
    "sliding-log, 0 9 11 12 18.9 19, + + + - - +",
    // 10 begins a new window
    "fixed-window, 0 9 9.5 10 11 12 20, + + - + + - +",
    // 11: 2 * 0.9 = 1.8 left of the window before, and one more is above 2; 15: 2 * 0.5 = 1;
    // 16: 0.8 + 1; 20: the one of 15 is the window before, still whole
    "sliding-window, 0 9 11 15 16 20 21, + + - + - + -",
    // one flows off every 5 s, two may come at once
    "gcra, 0 0 0 4.9 5 5 10 20 20 20, + + - - + - + + + -"
  })
  void admitsAsCountedByHand(String algorithm, String seconds, String verdicts) {
    Replay rule = Replay.of(algorithm, 2, 10_000);
    List<String> answers = new ArrayList<>();
    for (String second : seconds.split(" ", -1)) {
      long micros = NOON * 1_000_000 + Math.round(Double.parseDouble(second) * 1_000_000);
      answers.add(rule.admits(micros, 1) ? "+" : "-");
    }
    assertThat(String.join(" ", answers)).isEqualTo(verdicts);
  }

  @ParameterizedTest
  @CsvSource({"sliding-log", "fixed-window", "sliding-window", "gcra"})
  void takesWhatARequestCosts(String algorithm) {
    Replay rule = Replay.of(algorithm, 10, 10_000);
    assertThat(rule.admits(NOON, 4)).isTrue();
    assertThat(rule.admits(NOON, 4)).isTrue();
    assertThat(rule.admits(NOON, 4)).isFalse();
    assertThat(rule.admits(NOON, 2)).isTrue();
    assertThat(rule.admits(NOON, 1)).isFalse();
  }

  @Test
  void gcraAdmitsTheWholeLimitAtOnceForEveryLimit() {
    for (int limit = 1; limit < 2_000; limit++) {
      Replay rule = Replay.of("gcra", limit, 60_000);
      for (int i = 0; i < limit; i++) {
        assertThat(rule.admits(NOON * 1_000_000, 1)).as("%s of %s", i, limit).isTrue();
      }
      assertThat(rule.admits(NOON * 1_000_000, 1)).as("%s", limit).isFalse();
    }
  }
}
