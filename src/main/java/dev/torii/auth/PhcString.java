package dev.torii.auth;

import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An Argon2id hash with its parameters, in the PHC string format: {@code
 * $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>}.
 *
 * @see <a href="https://github.com/P-H-C/phc-string-format">PHC string format</a>
 */
@SuppressWarnings("ArrayRecordComponent") // never compared or used as a key
record PhcString(int memoryKib, int iterations, int lanes, byte[] salt, byte[] hash) {
  private static final Pattern FORMAT =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,8}),t=(\\d{1,4}),p=(\\d{1,3})"
              + "\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

  /** Reads a stored hash; {@link IllegalArgumentException} when it is none. */
  static PhcString parse(String text) {
    Matcher parts = FORMAT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not an argon2id hash");
    }
    Base64.Decoder base64 = Base64.getDecoder();
    return new PhcString(
        Integer.parseInt(parts.group(1)),
        Integer.parseInt(parts.group(2)),
        Integer.parseInt(parts.group(3)),
        base64.decode(parts.group(4)),
        base64.decode(parts.group(5)));
  }

  @Override
  public String toString() {
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
        .formatted(
            memoryKib, iterations, lanes, base64.encodeToString(salt), base64.encodeToString(hash));
  }
}
