package dev.torii.auth;

import dev.torii.credentials.PasswordForm;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Which passwords may be chosen: those of the right form, and none of the common ones. */
final class PasswordPolicy {
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
   * Fails when nobody should choose this password.
   *
   * @param pointer where the request has it
   * @throws Failure INVALID
   */
  void require(String password, String pointer) {
    if (!PasswordForm.fits(password)) {
      throw invalid(pointer, PasswordForm.RULE);
    }
    if (isCommon(PasswordForm.normalise(password).toLowerCase(Locale.ROOT))) {
      throw invalid(pointer, "is one of the most common passwords");
    }
  }

  /**
   * As it is, or with one character repeated at an end to make it long enough: {@code password!!}.
   */
  private boolean isCommon(String lower) {
    return common.contains(lower)
        || endOfRest(lower) == 0
        || common.contains(lower.substring(0, endOfRest(lower)))
        || common.contains(lower.substring(startOfRest(lower)));
  }

  private static int endOfRest(String text) {
    char last = text.charAt(text.length() - 1);
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == last) {
      end--;
    }
    return end;
  }

  private static int startOfRest(String text) {
    char first = text.charAt(0);
    int start = 0;
    while (start < text.length() && text.charAt(start) == first) {
      start++;
    }
    return start;
  }

  private static Failure invalid(String pointer, String detail) {
    return Failure.invalid(List.of(new FieldError(pointer, detail)));
  }
}
