package dev.torii.catalog;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.failure.FieldError;
import dev.torii.http.Exchange;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the number of a product as texts name it: no sign, no zeros before it. */
final class ProductId {
  private static final Pattern FORM = Pattern.compile("[1-9][0-9]{0,17}");

  private ProductId() {}

  /** The one in the path of a request. */
  static long of(Exchange exchange) {
    Long id = parse(exchange.context().pathParam("id"));
    if (id == null) {
      throw Failure.invalid(List.of(new FieldError("/id", "must be the number of a product")));
    }
    return id;
  }

  /** What is answered when no product has it, be that known from the cache or not. */
  static Failure unknown() {
    return Failure.of(ErrorCode.NOT_FOUND, "No such product");
  }

  /** Null when {@code text} is none. */
  static Long parse(String text) {
    return FORM.matcher(text).matches() ? Long.valueOf(text) : null;
  }
}
