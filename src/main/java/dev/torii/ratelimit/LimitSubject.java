package dev.torii.ratelimit;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import java.util.List;
import java.util.regex.Pattern;

/** Whose counter an operator means: the only texts that get from there into a key. */
public final class LimitSubject {
  private static final Pattern FORM =
      Pattern.compile(
          "ip:[0-9a-fA-F:.]{2,45}(/64)?"
              + "|(key:|session:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
              + "|field:[A-Za-z0-9._-]{1,64}");

  private LimitSubject() {}

  /**
   * Gives {@code text} back when it is a user id, {@code ip:<address>}, or what rules of other
   * subjects count by: {@code key:<id>}, {@code session:<id>}, {@code field:<value>}.
   *
   * @throws Failure INVALID, pointing at {@code /subject}
   */
  public static String require(String text) {
    if (!FORM.matcher(text).matches()) {
      throw Failure.invalid(
          List.of(
              new FieldError(
                  "/subject",
                  "must be a user id, or ip:, key:, session: or field: and whom the rule counts")));
    }
    return text;
  }
}
