package dev.torii.credentials;

import java.text.Normalizer;

/** What a password is, however a keyboard composed it; the only place that says so. */
public final class PasswordForm {
  /** Why a text is none. */
  public static final String RULE;

  /** Fewest and most code points of the normal form. */
  private static final int MIN_LENGTH = 10;

  private static final int MAX_LENGTH = 128;

  /**
   * UTF-16 units beyond which no text can have a normal form of 128 code points: composing makes
   * one code point of at most four, each of at most two units.
   */
  private static final int MAX_TYPED = MAX_LENGTH * 4 * 2;

  static {
    RULE = "must have " + MIN_LENGTH + " to " + MAX_LENGTH + " characters";
  }

  private PasswordForm() {}

  /** The one form in which passwords are counted, hashed and compared: NFC. */
  public static String normalise(String password) {
    return Normalizer.normalize(password, Normalizer.Form.NFC);
  }

  /** Whether {@code password} has 10 to 128 characters (code points of its normal form). */
  public static boolean fits(String password) {
    if (isTooLong(password)) {
      return false;
    }
    String normal = normalise(password);
    int length = normal.codePointCount(0, normal.length());
    return length >= MIN_LENGTH && length <= MAX_LENGTH;
  }

  /** Whether {@code password} is nobody's by its length alone, so that it need not be hashed. */
  public static boolean isTooLong(String password) {
    return password.length() > MAX_TYPED;
  }
}
