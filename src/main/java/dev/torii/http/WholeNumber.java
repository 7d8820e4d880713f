package dev.torii.http;

import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Whole numbers as addresses name them: in the digits of JSON, so that one number has one spelling.
 */
public final class WholeNumber {
  /** Java also takes a plus, zeros before the number and the digits of other scripts. */
  private static final Pattern FORM = Pattern.compile("0|-?[1-9][0-9]{0,18}");

  private WholeNumber() {}

  /** The number that {@code text} is; empty when it is none from {@code min} to {@code max}. */
  public static OptionalLong parse(String text, long min, long max) {
    if (!FORM.matcher(text).matches()) {
      return OptionalLong.empty();
    }
    try {
      long number = Long.parseLong(text);
      return number >= min && number <= max ? OptionalLong.of(number) : OptionalLong.empty();
    } catch (NumberFormatException e) {
      return OptionalLong.empty(); // out of range
    }
  }

  /** What is said of a text that is none. */
  public static String rule(long min, long max) {
    return "must be a whole number from " + min + " to " + max;
  }
}
