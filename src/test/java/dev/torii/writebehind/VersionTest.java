package dev.torii.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class VersionTest {
  @Test
  void keepsTheOrderOfIds() {
    assertThat(Version.ofId("1769940000123-0")).isLessThan(Version.ofId("1769940000123-1"));
    assertThat(Version.ofId("1769940000123-9")).isLessThan(Version.ofId("1769940000123-10"));
    assertThat(Version.ofId("1769940000123-1048575")).isLessThan(Version.ofId("1769940000124-1"));
  }

  @Test
  void goesOnInTheNextMillisecondWhenTheNumbersOfOneAreUsedUp() {
    assertThat(Version.ofId("1769940000123-1048576")).isEqualTo(Version.ofId("1769940000124-0"));
  }

  @Test
  void tellsWhenTheWriteWasAccepted() {
    long version = Version.ofId("1769940000123-7");
    assertThat(Version.time(version)).isEqualTo(Instant.parse("2026-02-01T10:00:00.123Z"));
    assertThat(Version.millis(version)).isEqualTo(1_769_940_000_123L);
    assertThat(Version.number(version)).isEqualTo(7);
  }
}
