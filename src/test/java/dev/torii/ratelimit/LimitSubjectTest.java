package dev.torii.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.torii.config.Limit.Subject;
import dev.torii.failure.Failure;
import dev.torii.http.ClientAddress;
import dev.torii.tokens.Sha256;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitSubjectTest {
  private static final String ID = "7b0c3c0e-6f0b-4a9e-9f51-0d6a1f6e2c11";

  @ParameterizedTest
  @CsvSource({
    "ip:203.0.113.7, ip:203.0.113.7",
    "ip:2001:DB8::1, ip:2001:db8::/64",
    "ip:2001:db8:1:2::5, ip:2001:db8:1:2::/64",
    "ip:2001:db8:1:2::/64, ip:2001:db8:1:2::/64",
    "ip:::ffff:10.0.0.1, ip:10.0.0.1"
  })
  void addressIsSpelledAsRequestsFromItAreCounted(String written, String counted) {
    assertThat(LimitSubject.require(written)).isEqualTo(counted);
    String address = written.substring(3).replace("/64", "");
    assertThat(ClientAddress.limitSubject(address)).isEqualTo(counted);
  }

  @Test
  void valueOfAFieldIsHashedUnlessItIsPlain() {
    String hash = Sha256.hex("ann@example.org");
    assertThat(LimitSubject.require("field:ann@example.org")).isEqualTo("field:" + hash);
    assertThat(LimitSubject.require("field:" + hash)).isEqualTo("field:" + hash);
    assertThat(LimitSubject.require("field:a-1")).isEqualTo(LimitSubject.ofField("a-1"));
    assertThat(LimitSubject.require("field:a*")).doesNotContain("*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "key:", "session:"})
  void idIsCountedInLowerCaseHoweverItIsWritten(String kind) {
    String written = kind + ID.toUpperCase(Locale.ROOT);
    assertThat(LimitSubject.require(written)).isEqualTo(kind + ID);
  }

  @Test
  void kindIsKnownBySpelling() {
    assertThat(LimitSubject.kind(LimitSubject.require(ID))).isEqualTo(Subject.USER);
    assertThat(LimitSubject.kind(LimitSubject.require("key:" + ID))).isEqualTo(Subject.API_KEY);
    assertThat(LimitSubject.kind(LimitSubject.require("session:" + ID))).isEqualTo(Subject.SESSION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "nonsense",
        "ip:",
        "ip:999",
        "ip:unknown",
        "ip:10.0.0.0/8",
        "ip:10.0.0.1/64",
        "ip:2001:db8::/64/64",
        "ip:{x}",
        "key:",
        "key:x",
        "session:*",
        "a:b:c",
        "ip:1.2.3.4\n"
      })
  void whatIsNobodyIsRefused(String text) {
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> LimitSubject.require(text));
  }
}
