package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.Limit;
import dev.torii.config.Limit.Algorithm;
import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import dev.torii.http.Caller.Role;
import dev.torii.ratelimit.Decision.Mode;
import dev.torii.ratelimit.Decision.Source;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionTest {
  private static final Rule RULE =
      Rule.of(
          "read",
          "read",
          new Limit(
              100,
              Duration.ofHours(1),
              Subject.USER,
              Algorithm.SLIDING_LOG,
              WhenRedisIsAway.LOCAL));

  @Test
  void limitIsNearFromFourFifthsOnAndThatIsNewOnce() {
    assertThat(used(79, 1, Mode.REDIS).isNear()).isFalse();
    assertThat(used(80, 1, Mode.REDIS).isFirstNear()).isTrue();
    assertThat(used(81, 1, Mode.REDIS).isNear()).isTrue();
    assertThat(used(81, 1, Mode.REDIS).isFirstNear()).isFalse();
    assertThat(used(95, 20, Mode.REDIS).isFirstNear()).as("a dear request jumps there").isTrue();
  }

  @Test
  void nothingIsSaidToBeNearWhereTheCountIsNotKnown() {
    assertThat(used(95, 1, Mode.LOCAL).isNear()).isFalse();
    assertThat(used(95, 1, Mode.OPEN).isNear()).isFalse();
  }

  @Test
  void tellsTheCountBeforeTheRequestAndWhatIsLeft() {
    assertThat(used(7, 3, Mode.REDIS).before()).isEqualTo(4);
    assertThat(used(7, 3, Mode.REDIS).remaining()).isEqualTo(93);
    assertThat(used(120, 1, Mode.REDIS).remaining()).as("the limit was lowered").isZero();
  }

  @Test
  void roleChoosesTheTier() {
    Tiers tiers = Tiers.of(List.of("admin=1000"));
    assertThat(tiers.limitOf(Role.ADMIN)).isEqualTo(1000);
    assertThat(tiers.limitOf(Role.USER)).isZero();
    assertThat(tiers.limitOf(null)).isZero();
    assertThat(RULE.limitOf(Role.ADMIN)).isEqualTo(100);
    assertThat(RULE.policyHeader(1000)).isEqualTo("\"read\";q=1000;w=3600");
  }

  private static Decision used(int used, int cost, Mode mode) {
    return new Decision(RULE, "ann", "key", 100, Source.RULE, cost, true, used, 0, mode);
  }
}
