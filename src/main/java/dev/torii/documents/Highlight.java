package dev.torii.documents;

/**
 * Where a text fits what was asked for, as HTML that can do no harm: the text is escaped, and
 * nothing but {@code <mark>} is added.
 *
 * <p>PostgreSQL marks words with two control characters, which no text has: {@link CleanText}.
 */
final class Highlight {
  private static final char BEGIN = '\u0002';
  private static final char END = '\u0003';

  /** Of {@code ts_headline}. */
  static final String OPTIONS =
      "StartSel=\""
          + BEGIN
          + "\", StopSel=\""
          + END
          + "\", MaxFragments=2, MaxWords=30, MinWords=10, FragmentDelimiter=\" … \"";

  private Highlight() {}

  static String html(String marked) {
    var html = new StringBuilder(marked.length() + 64);
    for (int i = 0; i < marked.length(); i++) {
      char c = marked.charAt(i);
      switch (c) {
        case BEGIN -> html.append("<mark>");
        case END -> html.append("</mark>");
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        default -> html.append(c);
      }
    }
    return html.toString();
  }
}
