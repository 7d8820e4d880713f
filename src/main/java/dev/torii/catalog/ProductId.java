package dev.torii.catalog;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.http.Exchange;
import dev.torii.http.WholeNumber;
import java.util.List;
import java.util.OptionalLong;

/** Reads the number of a product as texts name it: no sign, no zeros before it. */
final class ProductId {
  private static final long LARGEST = 999_999_999_999_999_999L;

  private ProductId() {}

  /** The one in the path of a request. */
  static long of(Exchange exchange) {
    return number(exchange.context().pathParam("id"))
        .orElseThrow(
            () -> Failure.invalid(List.of(new FieldError("/id", WholeNumber.rule(1, LARGEST)))));
  }

  /** What is answered when no product has it, be that known from the cache or not. */
  static Failure unknown() {
    return Failure.of(ErrorCode.NOT_FOUND, "No such product");
  }

  /** Null when {@code text} is none. */
  static Long parse(String text) {
    OptionalLong number = number(text);
    return number.isPresent() ? number.getAsLong() : null;
  }

  private static OptionalLong number(String text) {
    return WholeNumber.parse(text, 1, LARGEST);
  }
}
