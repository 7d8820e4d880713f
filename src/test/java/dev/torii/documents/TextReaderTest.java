package dev.torii.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextReaderTest {
  @TempDir private Path directory;

  @Test
  void theFirstHeadingOfMarkdownIsItsTitle() throws Exception {
    assertThat(title("# Harbour\n\ntext\n\n# Other")).isEqualTo("Harbour");
    assertThat(title("text\n\n  ## The *inner* harbour ##\n")).isEqualTo("The *inner* harbour");
    assertThat(title("Harbour\n=======\n\n# Other\n")).isEqualTo("Harbour");
    assertThat(title("```\n# a comment\n```\n\n# Harbour\n")).isEqualTo("Harbour");
    assertThat(title("#\n\n# Harbour\n")).isEqualTo("Harbour");
  }

  @Test
  void withoutAHeadingThereIsNoTitle() throws Exception {
    assertThat(title("#hashtag\n\n    # code\n\ntext\n\n---\n")).isNull();
    assertThat(read("# Harbour\n", MediaType.TEXT).title()).isNull();
  }

  private String title(String text) throws Exception {
    return read(text, MediaType.MARKDOWN).title();
  }

  private ReadText read(String text, MediaType type) throws Exception {
    Path file = directory.resolve("file");
    Files.writeString(file, text);
    return new TextReader(100_000, 10, 1_000_000).read(file, type, (page, of) -> {});
  }
}
