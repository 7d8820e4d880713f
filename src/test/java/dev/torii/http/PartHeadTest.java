package dev.torii.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PartHeadTest {
  @Test
  void signsThatHideTheNameOfAFileAreLeftOut() {
    String name = "a\u0085b\u2066c\u202ed\u200e\u061c\u200b\ufeff\udb40\udc41.txt";
    String head = "Content-Disposition: form-data; name=file; filename=\"" + name + "\"";
    assertThat(PartHead.parse(head).fileName()).isEqualTo("abcd.txt");
  }
}
