package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HighlightTest {
  @Test
  void nothingOfTheTextIsMarkup() {
    assertThat(Highlight.html("<img src=x onerror='a'>\u0002<b>\u0003 & \"q\""))
        .isEqualTo(
            "&lt;img src=x onerror=&#39;a&#39;&gt;<mark>&lt;b&gt;</mark> &amp; &quot;q&quot;");
  }
}
