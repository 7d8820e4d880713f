package dev.torii.catalog;

import java.util.regex.Pattern;

/** The word that names a category in addresses and keys. */
final class Slug {
  /** Stands for all categories, so none has it. */
  static final String ALL = "all";

  private static final Pattern FORM = Pattern.compile("(?!.*--)[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");

  private Slug() {}

  /** Whether {@code text} is one, be it of a category or {@link #ALL}. */
  static boolean isOne(String text) {
    return FORM.matcher(text).matches();
  }
}
