package dev.torii.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WriteBehindTest {
  private static final long NOW = 1_769_940_000_000L;

  private final WriteBehind writes =
      new WriteBehind(
          WritingProcess.config(false, 2_000),
          Duration.ofMillis(500),
          null,
          new SimpleMeterRegistry());

  @Test
  void answerThatIsAheadOfRedisWaitsUntilRedisIsPastIt() {
    writes.redisTime(NOW);
    assertThat(writes.untilRedisIsPast(Version.ofMillis(NOW - 1))).isZero();
    assertThat(writes.untilRedisIsPast(Version.ofMillis(writes.deadline() + 1)))
        .isBetween(400L, 502L);
  }

  @Test
  void noAnswerWaitsLongerThanACommandMayTake() {
    writes.redisTime(NOW);
    assertThat(writes.untilRedisIsPast(Version.ofMillis(NOW + 3_600_000))).isEqualTo(502);
  }

  @Test
  void withoutTheTimeOfRedisThereIsNoDeadlineAndNothingToWaitFor() {
    assertThat(writes.deadline()).isZero();
    assertThat(writes.untilRedisIsPast(Version.ofMillis(NOW))).isZero();
  }

  @Test
  void yieldingKindHasHalfOfTheRoom() {
    writes.register("first", (tx, all) -> Future.succeededFuture());
    writes.registerYielding("second", (tx, all) -> Future.succeededFuture());
    assertThat(writes.mostWaiting("first")).isEqualTo(2_000);
    assertThat(writes.mostWaiting("second")).isEqualTo(1_000);
  }
}
