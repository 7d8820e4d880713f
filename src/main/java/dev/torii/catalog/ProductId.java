package dev.torii.catalog;

import java.util.regex.Pattern;

/** Reads the number of a product as texts name it: no sign, no zeros before it. */
final class ProductId {
  private static final Pattern FORM = Pattern.compile("[1-9][0-9]{0,17}");

  private ProductId() {}

  /** Null when {@code text} is none. */
  static Long parse(String text) {
    return FORM.matcher(text).matches() ? Long.valueOf(text) : null;
  }
}
