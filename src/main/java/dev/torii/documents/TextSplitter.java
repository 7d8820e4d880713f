package dev.torii.documents;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into parts that people would cut it into: at the end of a paragraph, else of a line,
 * a sentence, a word. The parts do not overlap, and one after the other are the text.
 */
final class TextSplitter {
  /** No part but the last is shorter than this share of the longest. */
  private static final double SHORTEST = 0.5;

  private TextSplitter() {}

  /**
   * The parts of a text.
   *
   * @param most UTF-16 units of the longest part, 2 or more
   */
  static List<String> split(String text, int most) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (text.length() - from > most) {
      int end = end(text, from, most);
      parts.add(text.substring(from, end));
      from = end;
    }
    if (from < text.length()) {
      parts.add(text.substring(from));
    }
    return parts;
  }

  private static int end(String text, int from, int most) {
    int latest = from + most;
    int earliest = from + (int) (most * SHORTEST);
    int line = -1;
    int sentence = -1;
    int word = -1;
    for (int i = latest; i > earliest; i--) {
      char before = text.charAt(i - 1);
      if (before == '\n') {
        if (i >= 2 && text.charAt(i - 2) == '\n') {
          return i;
        }
        line = line < 0 ? i : line;
      } else if (Character.isWhitespace(before)) {
        word = word < 0 ? i : word;
        sentence = sentence < 0 && i >= 2 && endsSentence(text.charAt(i - 2)) ? i : sentence;
      } else if (sentence < 0 && endsSentenceAnywhere(before)) {
        sentence = i;
      }
    }
    if (line > 0) {
      return line;
    }
    if (sentence > 0) {
      return sentence;
    }
    return word > 0 ? word : hard(text, latest);
  }

  private static boolean endsSentence(char c) {
    return ".!?…:;\u061f\u06d4".indexOf(c) >= 0;
  }

  /** Where no space follows the end of a sentence. */
  private static boolean endsSentenceAnywhere(char c) {
    return "\u3002\uff01\uff1f\u0964".indexOf(c) >= 0;
  }

  /** Never between the halves of a character. */
  private static int hard(String text, int end) {
    return Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
  }
}
