package dev.torii.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainLineTest {
  @ParameterizedTest
  @ValueSource(
      ints = {
        0x0,
        0x7,
        0x9,
        0xa,
        0xd,
        0x1b,
        0x7f,
        0x85,
        0x9f, // control
        0xad,
        0x61c,
        0x200b,
        0x200e,
        0x200f,
        0x2060,
        0xfeff,
        0xfff9, // format
        0x202a,
        0x202b,
        0x202c,
        0x202d,
        0x202e, // direction
        0x2066,
        0x2067,
        0x2068,
        0x2069,
        0x2028,
        0x2029, // isolates, ends of lines
        0x200c,
        0x200d,
        0xe0001,
        0xe007f,
        0xfffe,
        0xd800 // joiners, tags, no characters
      })
  void whatIsNotSeenIsRefusedAndLeftOut(int hidden) {
    String text = "in" + Character.toString(hidden) + "voice";
    assertThat(PlainLine.isOne(text)).isFalse();
    assertThat(PlainLine.of(text, 100)).isEqualTo("invoice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "invoice 7 – Łódź, 東京, ไทย",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", // Persian: I want
        "\u0915\u094d\u200d\u0937", // Devanagari: half ka, ssa
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3", // Sinhala: Sri
        "\ud83d\udc69\ud83c\udffd\u200d\ud83d\ude80", // an astronaut
        "\u2764\ufe0f\u200d\ud83d\udd25", // a burning heart
        "\u0600\u0661\u0662" // Arabic number sign
      })
  void whatPeopleWriteStaysAsItIs(String text) {
    assertThat(PlainLine.isOne(text)).isTrue();
    assertThat(PlainLine.of(text, 100)).isEqualTo(text);
  }

  @Test
  void joinersThatJoinNothingAreLeftOut() {
    assertThat(PlainLine.of("\u200d\u0915\u200d\u200d", 100)).isEqualTo("\u0915\u200d");
    assertThat(PlainLine.isOne("pay\u200dpal")).isFalse();
    assertThat(PlainLine.isOne("\ud83d\udc69\u200d")).isFalse();
  }

  @Test
  void aLineIsCutBetweenCharacters() {
    assertThat(PlainLine.of(" \u202ea\ud83d\ude80b ", 2)).isEqualTo("a\ud83d\ude80");
    assertThat(PlainLine.of("\ud83d\udc69\u200d\ud83d\ude80", 2)).isEqualTo("\ud83d\udc69");
    assertThat(PlainLine.of("\u202e \u200b", 10)).isEmpty();
    assertThat(PlainLine.isOne(" \u00a0")).isFalse();
    assertThat(PlainLine.isOne(" \u3000")).isFalse();
    assertThat(PlainLine.isOne("")).isFalse();
  }
}
