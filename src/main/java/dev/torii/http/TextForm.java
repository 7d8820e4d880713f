package dev.torii.http;

import dev.torii.credentials.EmailAddress;
import dev.torii.credentials.PasswordForm;
import dev.torii.text.PlainLine;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A rule about the form of a text: a {@code format}, {@code pattern} or {@code enum} of the
 * contract.
 *
 * @param detail what is wrong with a text that does not fit, without the text itself
 */
record TextForm(Predicate<String> fits, String detail) {
  private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

  /**
   * A {@code format} by its name.
   *
   * @throws IllegalArgumentException for a name that nobody checks
   */
  static TextForm format(String name) {
    return switch (name) {
      case "email" -> new TextForm(EmailAddress::isOne, EmailAddress.RULE);
      case "password" -> new TextForm(PasswordForm::fits, PasswordForm.RULE);
      case "uuid" -> new TextForm(TextForm::isUuid, "must be a UUID");
      case "date" -> new TextForm(TextForm::isDate, "must be a date such as 1990-05-17");
      case "date-time" ->
          new TextForm(TextForm::isTime, "must be a time such as 2026-01-31T10:00:00Z");
      case "plain-line" -> new TextForm(PlainLine::isOne, PlainLine.RULE);
      case "binary" -> new TextForm(file -> true, "must be a file");
      default -> throw new IllegalArgumentException("the contract names an unknown format " + name);
    };
  }

  /** An {@code enum} of texts. */
  static TextForm oneOf(List<String> texts) {
    return new TextForm(texts::contains, "must be one of " + String.join(", ", texts));
  }

  /**
   * A {@code pattern} as JSON Schema means it: found anywhere in the text unless it is anchored,
   * and {@code $} is the very end, not the place before a last line break.
   */
  static TextForm pattern(String regex) {
    String javaRegex =
        regex.endsWith("$") && !regex.endsWith("\\$")
            ? regex.substring(0, regex.length() - 1) + "\\z"
            : regex;
    Pattern compiled = Pattern.compile(javaRegex);
    return new TextForm(text -> compiled.matcher(text).find(), "does not have the expected form");
  }

  /** Whether a text is a UUID in its usual spelling; a loop, because it is on the hot path. */
  static boolean isUuid(String text) {
    if (text.length() != 36) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      char c = text.charAt(i);
      if (dash ? c != '-' : Character.digit(c, 16) < 0 || c > 'f') {
        return false;
      }
    }
    return true;
  }

  private static boolean isDate(String text) {
    if (!DATE.matcher(text).matches()) {
      return false;
    }
    try {
      return LocalDate.parse(text).getYear() > 0;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean isTime(String text) {
    try {
      int year = OffsetDateTime.parse(text).getYear();
      return year > 0 && year <= 9999;
    } catch (DateTimeException e) {
      return false;
    }
  }
}
