package dev.torii.schedules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In Berlin the clock skips 02:00-03:00 on 2026-03-29, and shows it twice on 2026-10-25. */
class CronTimesTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Test
  void aTimeOfDayIsThatOfTheZone() {
    assertTimes("30 9 * * 1-5", "2026-01-30T08:30:00Z", "2026-02-02T08:30:00Z");
    assertTimes("30 9 * * *", "2026-07-01T07:29:59Z", "2026-07-01T07:30:00Z");
  }

  @Test
  void aTimeThatTheClockSkipsComesAsMuchLater() {
    assertTimes(
        "30 2 * * *",
        "2026-03-28T00:00:00Z",
        "2026-03-28T01:30:00Z",
        "2026-03-29T01:30:00Z",
        "2026-03-30T00:30:00Z");
    assertTimes("30 2 * * *", "2026-03-29T01:10:00Z", "2026-03-29T01:30:00Z");
    assertTimes("30 2 * * *", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z");
  }

  @Test
  void aTimeThatTheClockShowsTwiceComesOnce() {
    assertTimes(
        "30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    assertTimes("30 2 * * *", "2026-10-25T00:45:00Z", "2026-10-26T01:30:00Z");
    assertTimes("30 2 * * *", "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z");
  }

  @Test
  void everySoManyMinutesGoOnWhileTheClockIsMoved() {
    assertTimes(
        "*/30 * * * *",
        "2026-03-29T00:15:00Z",
        "2026-03-29T00:30:00Z",
        "2026-03-29T01:00:00Z",
        "2026-03-29T01:30:00Z");
    assertTimes(
        "*/30 * * * *",
        "2026-10-25T00:15:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:00:00Z",
        "2026-10-25T01:30:00Z",
        "2026-10-25T02:00:00Z");
  }

  @Test
  void aDayThatNeverComesHasNoTimes() {
    assertThat(CronTimes.of("0 0 30 2 *", BERLIN).after(Instant.parse("2026-01-01T00:00:00Z")))
        .isNull();
  }

  @Test
  void dayOfMonthAndOfWeekTogetherMeanEither() {
    assertTimes(
        "0 12 13 * 5",
        "2026-01-01T12:00:00Z",
        "2026-01-02T11:00:00Z",
        "2026-01-09T11:00:00Z",
        "2026-01-13T11:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "a b c d e",
        "@every 1s"
      })
  void whatIsNoExpressionIsRefused(String text) {
    assertThatThrownBy(() -> CronTimes.of(text, BERLIN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertTimes(String cron, String from, String... expected) {
    assertThat(CronTimes.of(cron, BERLIN).after(Instant.parse(from), expected.length))
        .extracting(Instant::toString)
        .containsExactly(expected);
  }
}
