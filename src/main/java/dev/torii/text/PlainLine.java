package dev.torii.text;

import java.lang.Character.UnicodeScript;
import java.util.EnumSet;
import java.util.Set;

/**
 * One line as people read it: without characters that are not seen and yet change what is, as
 * control characters, line ends, marks of direction, and others that Unicode counts as format.
 *
 * <p>Kept are joiners where writing needs them (Persian, the scripts of India, composed emoji) and
 * the few signs of format that are seen, as the Arabic number sign.
 *
 * @see <a href="https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing">UTR 36</a>
 */
public final class PlainLine {
  /** What {@link #isOne} asks for, in words for clients. */
  public static final String RULE =
      "must not be blank and must not have control, format or bidi characters";

  private static final int NON_JOINER = 0x200c;
  private static final int JOINER = 0x200d;
  private static final int EMOJI_STYLE = 0xfe0f;

  /** Those in which a joiner changes the shape of the letter before it. */
  private static final Set<UnicodeScript> JOINING =
      EnumSet.of(
          UnicodeScript.ARABIC,
          UnicodeScript.SYRIAC,
          UnicodeScript.MANDAIC,
          UnicodeScript.NKO,
          UnicodeScript.MONGOLIAN,
          UnicodeScript.DEVANAGARI,
          UnicodeScript.BENGALI,
          UnicodeScript.GURMUKHI,
          UnicodeScript.GUJARATI,
          UnicodeScript.ORIYA,
          UnicodeScript.TAMIL,
          UnicodeScript.TELUGU,
          UnicodeScript.KANNADA,
          UnicodeScript.MALAYALAM,
          UnicodeScript.SINHALA,
          UnicodeScript.MYANMAR,
          UnicodeScript.KHMER);

  private PlainLine() {}

  /** Whether a text is one that is not blank. */
  public static boolean isOne(String text) {
    for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
      if (isHidden(text, at)) {
        return false;
      }
    }
    return !text.codePoints().allMatch(PlainLine::isSpace);
  }

  /**
   * What is left of a text without hidden characters and without spaces around it.
   *
   * @param most characters of the line; what follows them is cut off
   * @return empty when nothing is left
   */
  public static String of(String text, int most) {
    String line = seen(text);
    int count = Math.min(most, line.codePointCount(0, line.length()));
    return seen(line.substring(0, line.offsetByCodePoints(0, count))); // it may end with a joiner
  }

  private static String seen(String text) {
    var line = new StringBuilder(text.length());
    for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
      if (!isHidden(text, at)) {
        line.appendCodePoint(text.codePointAt(at));
      }
    }
    return line.toString().strip();
  }

  private static boolean isSpace(int character) {
    return Character.isWhitespace(character) || Character.isSpaceChar(character);
  }

  private static boolean isHidden(String text, int at) {
    int character = text.codePointAt(at);
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      case Character.FORMAT -> !isSeen(character) && !joins(text, at, character);
      default -> (character & 0xfffe) == 0xfffe; // no character at all
    };
  }

  /** Format characters that have a shape of their own: they stand below or around numbers. */
  private static boolean isSeen(int character) {
    return (character >= 0x600 && character <= 0x605)
        || character == 0x6dd
        || character == 0x70f
        || character == 0x8e2
        || character == 0x110bd
        || character == 0x110cd;
  }

  private static boolean joins(String text, int at, int character) {
    if (at == 0 || (character != JOINER && character != NON_JOINER)) {
      return false;
    }
    int before = text.codePointBefore(at);
    return (isLetter(before) && JOINING.contains(UnicodeScript.of(before)))
        || (character == JOINER && isSign(before) && isFollowedBySign(text, at + 1));
  }

  private static boolean isLetter(int character) {
    int type = Character.getType(character);
    return Character.isLetter(character)
        || type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK;
  }

  /** Emoji are signs, and so are the colours of skin. */
  private static boolean isSign(int character) {
    int type = Character.getType(character);
    return type == Character.OTHER_SYMBOL
        || type == Character.MODIFIER_SYMBOL
        || character == EMOJI_STYLE;
  }

  private static boolean isFollowedBySign(String text, int at) {
    return at < text.length() && Character.getType(text.codePointAt(at)) == Character.OTHER_SYMBOL;
  }
}
