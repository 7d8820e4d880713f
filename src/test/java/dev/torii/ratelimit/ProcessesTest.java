package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessesTest {
  private final Processes processes = new Processes();

  @Test
  void moreAreBelievedAtOnceAndFewerOnlyWhenTheyStaySo() {
    processes.alive(4);
    assertThat(processes.alive()).isEqualTo(4);
    for (int beat = 1; beat < Processes.BEATS_TO_FALL; beat++) {
      processes.alive(3);
      assertThat(processes.alive()).isEqualTo(4);
    }
    processes.alive(3);
    assertThat(processes.alive()).isEqualTo(3);
  }

  @Test
  void restartOfRedisDoesNotGiveEachProcessTheWholeLimit() {
    processes.alive(4);
    for (int heard : new int[] {0, 0, 1, 1, 2, 2, 3, 4}) {
      processes.alive(heard);
      assertThat(processes.shareOf(100)).isEqualTo(25);
    }
  }

  @Test
  void nobodyHeardIsThisProcessAlone() {
    processes.alive(0);
    assertThat(processes.alive()).isEqualTo(1);
  }
}
