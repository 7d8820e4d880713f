package dev.torii.auth;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Which passwords may be chosen: 10-128 characters, and none of the common ones. */
final class PasswordPolicy {
  /** Fewest code points. */
  static final int MIN_LENGTH = 10;

  /** Most code points. */
  static final int MAX_LENGTH = 128;

  private static final String COMMON = "/passwords/common.txt";

  private final Set<String> common;

  private PasswordPolicy(Set<String> common) {
    this.common = common;
  }

  /** The policy with the list of common passwords in the jar; reads about 30 KB. */
  static PasswordPolicy load() {
    try (InputStream in = PasswordPolicy.class.getResourceAsStream(COMMON);
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return new PasswordPolicy(
          lines
              .lines()
              .filter(line -> !line.startsWith("#!"))
              .collect(Collectors.toUnmodifiableSet()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The one form in which a password is hashed and compared, however a keyboard composed it: NFC.
   */
  static String normalise(String password) {
    return Normalizer.normalize(password, Normalizer.Form.NFC);
  }

  /**
   * Fails when nobody should choose this password.
   *
   * @throws Failure INVALID, pointing at {@code /password}
   */
  void require(String password) {
    String normal = normalise(password);
    int length = normal.codePointCount(0, normal.length());
    if (length < MIN_LENGTH || length > MAX_LENGTH) {
      throw invalid("must have " + MIN_LENGTH + " to " + MAX_LENGTH + " characters");
    }
    if (common.contains(normal.toLowerCase(Locale.ROOT))) {
      throw invalid("is one of the most common passwords");
    }
  }

  private static Failure invalid(String detail) {
    return Failure.invalid(List.of(new FieldError("/password", detail)));
  }
}
