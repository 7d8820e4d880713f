package dev.torii.http;

import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import java.util.List;
import java.util.regex.Pattern;

/** The header {@code Idempotency-Key}. */
public final class IdempotencyKey {
  private static final String HEADER = "Idempotency-Key";
  private static final Pattern FORM = Pattern.compile("[!-~]{1,128}");

  private IdempotencyKey() {}

  /**
   * The key of a request, null for none.
   *
   * @throws Failure INVALID when it is malformed or there are several
   */
  public static String of(Exchange exchange) {
    List<String> given = exchange.request().headers().getAll(HEADER);
    if (given.isEmpty()) {
      return null;
    }
    String key = given.get(0);
    if (given.size() > 1 || !FORM.matcher(key).matches()) {
      throw Failure.invalid(
          List.of(
              new FieldError(
                  HEADER, "must be one text of 1-128 printable ASCII characters without spaces")));
    }
    return key;
  }
}
