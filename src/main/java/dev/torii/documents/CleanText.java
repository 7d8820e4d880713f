package dev.torii.documents;

import dev.torii.text.PlainLine;
import java.util.regex.Pattern;

/** Text as it is kept: without characters that no reader sees and no database takes. */
final class CleanText {
  private static final Pattern INVISIBLE =
      Pattern.compile("[\\p{Cc}\\x{fffd}\\x{fffe}\\x{ffff}\\p{Cs}&&[^\\n\\t]]");
  private static final Pattern LINE_END = Pattern.compile("\\r\\n?|[\\u2028\\u2029\\u0085]");
  private static final Pattern SPACE_AT_END =
      Pattern.compile("(?<![ \\t\\u00a0])[ \\t\\u00a0]++\\n");
  private static final Pattern EMPTY_LINES = Pattern.compile("\\n{3,}");

  private CleanText() {}

  /** Paragraphs are apart by one empty line. */
  static String of(String text) {
    String lines = LINE_END.matcher(text).replaceAll("\n");
    String visible = INVISIBLE.matcher(lines).replaceAll("");
    String trimmed = SPACE_AT_END.matcher(visible).replaceAll("\n");
    return EMPTY_LINES.matcher(trimmed).replaceAll("\n\n").strip();
  }

  /** A {@link PlainLine} of at most {@code most} characters; null when nothing is left, or was. */
  static String line(String text, int most) {
    if (text == null) {
      return null;
    }
    String line = PlainLine.of(of(text).replace('\n', ' ').replace('\t', ' '), most);
    return line.isEmpty() ? null : line;
  }
}
