package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CleanTextTest {
  @Test
  void aTitleIsShownAsItIsRead() {
    assertThat(CleanText.line("in\u202evoice\u200b 7\u2029\tpaid\ufeff", 500))
        .isEqualTo("invoice 7  paid");
    assertThat(CleanText.line("\u06a9\u062a\u0627\u0628\u200c\u0647\u0627", 500)) // books
        .isEqualTo("\u06a9\u062a\u0627\u0628\u200c\u0647\u0627");
    assertThat(CleanText.line("\u202e \u200b", 500)).isNull();
    assertThat(CleanText.line(null, 500)).isNull();
  }

  @Test
  void aTextKeepsItsLines() {
    assertThat(CleanText.of("a\u2029b\u2028c\r\nd\u0000")).isEqualTo("a\nb\nc\nd");
  }
}
