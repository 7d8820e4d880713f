package dev.torii.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageCursorTest {
  private static final String ID = "7b0c3c0e-6f0b-4a9e-9f51-0d6a1f6e2c11";
  private static final List<String> FILTER = Arrays.asList("ann@", null, "admin");
  private static final PageCursor CURSOR =
      new PageCursor(Instant.parse("2026-01-31T10:00:00.123456Z"), ID);

  @Test
  void isReadAsItWasWritten() {
    assertThat(PageCursor.parse(CURSOR.text(FILTER), FILTER)).contains(CURSOR);
  }

  @Test
  void isTheBeginningWhenNoneIsGiven() {
    assertThat(PageCursor.parse(null, FILTER)).isEmpty();
  }

  @Test
  void isRefusedWithAnotherFilter() {
    String text = CURSOR.text(FILTER);

    assertThatThrownBy(() -> PageCursor.parse(text, List.of())).isInstanceOf(Failure.class);
    assertThatThrownBy(() -> PageCursor.parse(text, Arrays.asList("ann@", "admin", null)))
        .isInstanceOf(Failure.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+1000000000-12-31T23:59:59Z " + ID,
        "+10000-01-01T00:00:00Z " + ID,
        "-1000000000-01-01T00:00:00Z " + ID,
        "1969-12-31T23:59:59Z " + ID,
        "2026-01-31T10:00:00Z",
        ""
      })
  void refusesWhatNoListGave(String place) {
    String written = plain(CURSOR.text(FILTER));
    String mark = written.substring(written.lastIndexOf(' ') + 1);
    for (String plain : List.of(place, place + " " + mark)) {
      assertThatThrownBy(() -> PageCursor.parse(encoded(plain), FILTER))
          .isInstanceOf(Failure.class);
    }
  }

  private static String encoded(String plain) {
    return Base64.getUrlEncoder().encodeToString(plain.getBytes(StandardCharsets.US_ASCII));
  }

  private static String plain(String text) {
    return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII);
  }
}
