package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.torii.config.Limit;
import dev.torii.config.Limit.Algorithm;
import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleTest {
  private static final Limit LIMIT =
      new Limit(
          100, Duration.ofHours(1), Subject.USER, Algorithm.SLIDING_LOG, WhenRedisIsAway.CLOSED);
  private static final Rules RULES = new Rules(Map.of("default", LIMIT, "profiles-read", LIMIT));

  @Test
  void takesItsNumbersFromTheConfiguration() {
    Rule rule = RULES.rule("profiles-read", "getProfile");
    assertThat(rule.limit()).isEqualTo(100);
    assertThat(rule.windowMillis()).isEqualTo(3_600_000);
    assertThat(rule.subject()).isEqualTo(Subject.USER);
    assertThat(rule.whenRedisIsAway()).isEqualTo(WhenRedisIsAway.CLOSED);
    assertThat(rule.policyHeader()).isEqualTo("\"profiles-read\";q=100;w=3600");
  }

  @Test
  void namedRuleCountsAllItsOperationsTogether() {
    assertThat(RULES.rule("profiles-read", "getProfile").endpoint())
        .isEqualTo(RULES.rule("profiles-read", "getSettings").endpoint());
  }

  @Test
  void defaultRuleCountsEachOperationForItself() {
    assertThat(RULES.rule("default", "getMe").endpoint()).isEqualTo("getMe");
    assertThat(RULES.rule("default", "logout").endpoint()).isEqualTo("logout");
    assertThat(RULES.rule("default", "logout").name()).isEqualTo("default");
  }

  @Test
  void unknownRuleIsRefusedByName() {
    assertThat(RULES.has("profile-read")).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RULES.rule("profile-read", "getProfile"))
        .withMessageContaining("profile-read");
  }

  @Test
  void widerRuleIsCountedApart() {
    Rule wider = RULES.rule("profiles-read", "getProfile").times(5, "profiles-read-account");
    assertThat(wider.limit()).isEqualTo(500);
    assertThat(wider.endpoint()).isEqualTo("profiles-read-account");
    assertThat(wider.windowMillis()).isEqualTo(3_600_000);
    assertThat(wider.policyHeader()).isEqualTo("\"profiles-read\";q=500;w=3600");
    assertThat(wider.times(Integer.MAX_VALUE, "more").limit()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void waitInSecondsIsLongEnough() {
    Rule rule = RULES.rule("default", "getMe");
    assertThat(waiting(rule, 1).resetSeconds()).isEqualTo(1);
    assertThat(waiting(rule, 1_000).resetSeconds()).isEqualTo(1);
    assertThat(waiting(rule, 1_001).resetSeconds()).isEqualTo(2);
    assertThat(waiting(rule, 0).resetSeconds()).isZero();
  }

  private static Decision waiting(Rule rule, long millis) {
    return new Decision(
        rule, "ann", "key", 100, Decision.Source.RULE, 1, false, 100, millis, Decision.Mode.REDIS);
  }
}
