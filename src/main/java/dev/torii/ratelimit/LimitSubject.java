package dev.torii.ratelimit;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import java.util.List;
import java.util.regex.Pattern;

/** Whose counter an operator means: the only texts that get from there into a key. */
public final class LimitSubject {
  private static final Pattern FORM =
      Pattern.compile("ip:[0-9a-fA-F:.]{2,45}(/64)?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private LimitSubject() {}

  /**
   * Gives {@code text} back when it is a user id or {@code ip:<address>}.
   *
   * @throws Failure INVALID, pointing at {@code /subject}
   */
  public static String require(String text) {
    if (!FORM.matcher(text).matches()) {
      throw Failure.invalid(
          List.of(new FieldError("/subject", "must be a user id or ip: and an address")));
    }
    return text;
  }
}
