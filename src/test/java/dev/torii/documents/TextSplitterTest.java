package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextSplitterTest {
  @Test
  void cutsAtTheEndOfAParagraphBeforeThatOfASentence() {
    String text = "One sentence here. Two.\n\nThree is the next one. Four";
    assertThat(TextSplitter.split(text, 40))
        .containsExactly("One sentence here. Two.\n\n", "Three is the next one. Four");
  }

  @Test
  void cutsAtASentenceBeforeAWordAndAtAWordBeforeALetter() {
    assertThat(TextSplitter.split("First words. Second words follow", 20))
        .containsExactly("First words. ", "Second words follow");
    assertThat(TextSplitter.split("some words without an end", 12))
        .containsExactly("some words ", "without an ", "end");
    assertThat(TextSplitter.split("x".repeat(25), 10))
        .containsExactly("x".repeat(10), "x".repeat(10), "x".repeat(5));
  }

  @Test
  void neverCutsACharacterInTwo() {
    assertThat(TextSplitter.split("😀".repeat(7), 5))
        .allMatch(part -> part.length() % 2 == 0)
        .satisfies(parts -> assertThat(String.join("", parts)).isEqualTo("😀".repeat(7)));
  }

  @Test
  void thePartsAreTheWhole() {
    String text = (SampleFiles.GERMAN + "\n").repeat(40);
    for (int most : List.of(2, 3, 17, 100, 1000)) {
      List<String> parts = TextSplitter.split(text, most);
      assertThat(String.join("", parts)).isEqualTo(text);
      assertThat(parts).allMatch(part -> part.length() <= most && !part.isEmpty());
    }
    assertThat(TextSplitter.split("", 10)).isEmpty();
  }
}
