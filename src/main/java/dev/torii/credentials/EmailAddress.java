package dev.torii.credentials;

import java.util.Locale;
import java.util.regex.Pattern;

/** What a mail address is, and which spellings are the same one; the only place that says so. */
public final class EmailAddress {
  /** Why a text is none. */
  public static final String RULE = "must be an e-mail address";

  private static final int MAX_LENGTH = 254;

  /** What HTML takes for an address, with no dots at the ends of the local part or in a row. */
  private static final Pattern FORM =
      Pattern.compile(
          "(?=[^@]{1,64}@)[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*"
              + "@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
              + "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*");

  private EmailAddress() {}

  /** Whether mail could be sent to {@code text}: at most 254 characters of ASCII, no spaces. */
  public static boolean isOne(String text) {
    return text.length() <= MAX_LENGTH && FORM.matcher(text).matches();
  }

  /** The stored spelling, whatever was typed: without spaces around it, in lower case. */
  public static String identity(String typed) {
    return typed.strip().toLowerCase(Locale.ROOT);
  }
}
