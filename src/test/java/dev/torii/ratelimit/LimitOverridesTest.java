package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitOverridesTest {
  private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
  private static final String ANN = "7b0c3c0e-6f0b-4a9e-9f51-0d6a1f6e2c11";

  private final MovedClock clock = new MovedClock();
  private final LimitOverrides overrides = new LimitOverrides(clock);

  @Test
  void holdsForItsRuleAndSubjectOnly() {
    overrides.replace(List.of(override("profiles-read", ANN, 5)));
    assertThat(find("profiles-read", "profiles-read", ANN).limit()).isEqualTo(5);
    assertThat(find("profiles-update", "profiles-update", ANN)).isNull();
    assertThat(find("profiles-read", "profiles-read", "ip:203.0.113.7")).isNull();
    assertThat(find("profiles", "read", ANN)).isNull();
  }

  @Test
  void endsByTheClockAlone() {
    overrides.replace(List.of(override("admin", ANN, 5)));
    clock.now = NOON.plusSeconds(59);
    assertThat(find("admin", "admin", ANN)).isNotNull();
    clock.now = NOON.plusSeconds(60);
    assertThat(find("admin", "admin", ANN)).isNull();
  }

  @Test
  void oneForAnOperationGoesBeforeOneForAll() {
    overrides.replace(List.of(override("default", ANN, 5), override("default:getMe", ANN, 0)));
    assertThat(find("default", "getMe", ANN).isBlock()).isTrue();
    assertThat(find("default", "logout", ANN).limit()).isEqualTo(5);
  }

  private LimitOverride find(String rule, String endpoint, String subject) {
    return overrides.find(rule, endpoint, subject);
  }

  private static LimitOverride override(String rule, String subject, int limit) {
    return new LimitOverride(rule, subject, limit, null, null, NOON, NOON.plusSeconds(60));
  }

  /** A clock that is told the time. */
  private static final class MovedClock extends Clock {
    Instant now = NOON;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
