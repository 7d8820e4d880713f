package dev.torii.documents;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The title of a Markdown file: its first heading, as CommonMark has them.
 *
 * <p>Of the marks within a heading none is taken away.
 */
final class MarkdownTitle {
  private static final Pattern HEADING = Pattern.compile(" {0,3}#{1,6}[ \\t]+(.*)");
  private static final Pattern CLOSING = Pattern.compile("(?:^|(?<=[ \\t]))#++[ \\t]*+$");
  private static final Pattern UNDERLINE = Pattern.compile(" {0,3}(?:=+|-+)[ \\t]*");
  private static final Pattern FENCE = Pattern.compile(" {0,3}(```|~~~).*");

  /** A line that may be the text of a heading which is underlined. */
  private static final Pattern TEXT = Pattern.compile(" {0,3}[^\\s#>].*");

  private static final int LONGEST_LINE = 2_000;

  private MarkdownTitle() {}

  /** Null when there is no heading. */
  static String of(String text) {
    String before = "";
    String fence = null;
    for (String line : text.split("\\R", -1)) {
      if (line.length() > LONGEST_LINE) {
        before = "";
        continue;
      }
      Matcher marked = FENCE.matcher(line);
      if (marked.matches() && (fence == null || fence.equals(marked.group(1)))) {
        fence = fence == null ? marked.group(1) : null;
        before = "";
      } else if (fence == null) {
        String title = heading(line, before);
        if (!title.isEmpty()) {
          return title;
        }
        before = line;
      }
    }
    return null;
  }

  private static String heading(String line, String before) {
    Matcher heading = HEADING.matcher(line);
    if (heading.matches()) {
      return CLOSING.matcher(heading.group(1)).replaceFirst("").strip();
    }
    return UNDERLINE.matcher(line).matches() && TEXT.matcher(before).matches()
        ? before.strip()
        : "";
  }
}
