package dev.torii.auth;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Mail addresses as identities: trimmed, NFC, lower case. */
final class Email {
  private static final int MAX_LENGTH = 254;

  /** One @ with something before it and a name with a dot-free or dotted domain after it. */
  private static final Pattern PLAUSIBLE =
      Pattern.compile("[^\\s@\\p{Cntrl}]{1,64}@[^\\s@\\p{Cntrl}.]+(\\.[^\\s@\\p{Cntrl}.]+)*");

  private Email() {}

  /** The stored spelling, whatever was typed. */
  static String identity(String typed) {
    return Normalizer.normalize(typed.strip(), Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
  }

  /**
   * The stored spelling of an address that mail could be sent to.
   *
   * @throws Failure INVALID, pointing at {@code /email}
   */
  static String require(String typed) {
    String email = identity(typed);
    if (email.length() > MAX_LENGTH || !PLAUSIBLE.matcher(email).matches()) {
      throw Failure.invalid(List.of(new FieldError("/email", "must be a mail address")));
    }
    return email;
  }
}
