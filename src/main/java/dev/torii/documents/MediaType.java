package dev.torii.documents;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.mime.MimeTypes;

/** The kinds of files that are read. */
enum MediaType {
  PDF("application/pdf"),
  DOCX("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
  HTML("text/html"),
  MARKDOWN("text/markdown"),
  TEXT("text/plain");

  /** Bytes of a file that are needed to tell its kind. */
  static final int HEAD_BYTES = 65_536;

  private static final MimeTypes TYPES = MimeTypes.getDefaultMimeTypes();

  private final String spelling;

  MediaType(String spelling) {
    this.spelling = spelling;
  }

  String spelling() {
    return spelling;
  }

  static MediaType of(String spelling) {
    for (MediaType type : values()) {
      if (type.spelling.equals(spelling)) {
        return type;
      }
    }
    throw new IllegalArgumentException("no such media type: " + spelling);
  }

  /**
   * The kind of a file by its content; only among texts does its name decide.
   *
   * @param head its first {@value #HEAD_BYTES} bytes, or all
   * @return empty when files of its kind are not read
   */
  static Optional<MediaType> detect(byte[] head, String fileName) {
    String found = content(head);
    return switch (found) {
      case "application/pdf" -> Optional.of(PDF);
      case "text/html", "application/xhtml+xml" ->
          Optional.of(isMarkdown(fileName) ? MARKDOWN : HTML);
      case "text/plain" -> Optional.of(text(fileName));
      case "application/zip",
          "application/x-tika-ooxml",
          "application/vnd.openxmlformats-officedocument.wordprocessingml.document" ->
          PackedNames.areOfWord(head) ? Optional.of(DOCX) : Optional.empty();
      default -> found.startsWith("text/x-") ? Optional.of(text(fileName)) : Optional.empty();
    };
  }

  private static String content(byte[] head) {
    try {
      return TYPES.detect(new ByteArrayInputStream(head), new Metadata()).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MediaType text(String fileName) {
    if (isMarkdown(fileName)) {
      return MARKDOWN;
    }
    String name = fileName.toLowerCase(Locale.ROOT);
    return name.endsWith(".html") || name.endsWith(".htm") ? HTML : TEXT;
  }

  private static boolean isMarkdown(String fileName) {
    String name = fileName.toLowerCase(Locale.ROOT);
    return name.endsWith(".md") || name.endsWith(".markdown");
  }
}
