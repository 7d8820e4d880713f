package dev.torii.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccountCursorTest {
  private static final String ID = "7b0c3c0e-6f0b-4a9e-9f51-0d6a1f6e2c11";

  @Test
  void isReadAsItWasWritten() {
    var cursor =
        new AccountCursor(Instant.parse("2026-01-31T10:00:00.123456Z"), UUID.fromString(ID));
    assertThat(AccountCursor.parse(cursor.toString())).isEqualTo(cursor);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+1000000000-12-31T23:59:59Z " + ID,
        "+10000-01-01T00:00:00Z " + ID,
        "-1000000000-01-01T00:00:00Z " + ID,
        "1969-12-31T23:59:59Z " + ID,
        "2026-01-31T10:00:00Z not-an-id",
        "2026-01-31T10:00:00Z",
        ""
      })
  void refusesWhatNoListGave(String plain) {
    String text = Base64.getUrlEncoder().encodeToString(plain.getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> AccountCursor.parse(text)).isInstanceOf(Failure.class);
  }
}
