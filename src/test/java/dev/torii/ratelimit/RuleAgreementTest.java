package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleAgreementTest {
  private final RuleAgreement agreement = new RuleAgreement();

  @Test
  void processWithOtherRulesIsToldOnceAfterSeveralBeats() {
    for (int beat = 1; beat < RuleAgreement.BEATS_TO_TELL; beat++) {
      assertThat(hears("other", "b")).isFalse();
    }
    assertThat(hears("other", "b")).isTrue();
    assertThat(hears("other", "b")).isFalse();
    assertThat(hears("other", "a")).isFalse();
    for (int beat = 1; beat < RuleAgreement.BEATS_TO_TELL; beat++) {
      assertThat(hears("other", "b")).isFalse();
    }
    assertThat(hears("other", "b")).as("once more after they agreed").isTrue();
  }

  @Test
  void agreementAndBodiesThatSayNothingAreNotTold() {
    for (int beat = 0; beat < 2 * RuleAgreement.BEATS_TO_TELL; beat++) {
      assertThat(hears("same", "a")).isFalse();
      assertThat(agreement.isTimeToTell("c3a5", "a")).isFalse();
    }
  }

  @Test
  void fingerprintIsOfWhatTheRulesSay() throws ConfigException {
    assertThat(rules("5").fingerprint()).isEqualTo(rules("5").fingerprint()).hasSize(12);
    assertThat(rules("5").fingerprint()).isNotEqualTo(rules("6").fingerprint());
  }

  private boolean hears(String process, String rules) {
    return agreement.isTimeToTell(RuleAgreement.beat(process, rules), "a");
  }

  private static Rules rules(String limit) throws ConfigException {
    return new Rules(ConfigBinder.of(Map.of("limits.admin.limit", limit)).limits());
  }
}
