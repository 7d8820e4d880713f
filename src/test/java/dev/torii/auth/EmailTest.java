package dev.torii.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torii.failure.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmailTest {
  @Test
  void takesSpellingsOfOneAddressForOne() {
    assertThat(Email.require("  Ann@Example.ORG \n")).isEqualTo("ann@example.org");
    assertThat(Email.require("jose\u0301@example.org")).isEqualTo("jos\u00e9@example.org");
    assertThat(Email.identity("NOT an address ")).isEqualTo("not an address");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a@b", "first.last+tag@mail.example.org", "o'neil@example.org"})
  void acceptsPlausibleAddresses(String email) {
    assertThat(Email.require(email)).isEqualTo(email);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ann",
        "@example.org",
        "ann@",
        "a b@example.org",
        "a@b@c",
        "ann@.org",
        "ann@b..c"
      })
  void refusesOthers(String email) {
    assertThatThrownBy(() -> Email.require(email)).isInstanceOf(Failure.class);
  }

  @Test
  void refusesLongAddresses() {
    assertThatThrownBy(() -> Email.require("a@" + "b".repeat(253))).isInstanceOf(Failure.class);
  }
}
