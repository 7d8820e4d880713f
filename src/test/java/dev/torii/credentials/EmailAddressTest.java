package dev.torii.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmailAddressTest {
  @Test
  void takesSpellingsOfOneAddressForOne() {
    assertThat(EmailAddress.identity("  Ann@Example.ORG \n")).isEqualTo("ann@example.org");
    assertThat(EmailAddress.identity("NOT an address ")).isEqualTo("not an address");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a@b", "first.last+tag@mail.example.org", "o'neil@example.org"})
  void acceptsPlausibleAddresses(String email) {
    assertThat(EmailAddress.isOne(email)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ann",
        "@example.org",
        "ann@",
        "a b@example.org",
        " ann@example.org",
        "a@b@c",
        "ann@.org",
        "ann@b..c",
        "jos\u00e9@example.org"
      })
  void refusesOthers(String email) {
    assertThat(EmailAddress.isOne(email)).isFalse();
  }

  @Test
  void refusesLongAddressesHoweverLong() {
    String domain = ("b".repeat(60) + ".").repeat(4);

    assertThat(EmailAddress.isOne("a".repeat(10) + "@" + domain.substring(0, 243))).isTrue();
    assertThat(EmailAddress.isOne("a".repeat(11) + "@" + domain.substring(0, 243))).isFalse();
    assertThat(EmailAddress.isOne("a@" + "b.".repeat(100_000))).isFalse();
  }
}
