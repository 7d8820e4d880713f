package dev.torii.config;

/**
 * A value that somebody gave.
 *
 * @param text as it was written, possibly a secret
 * @param source where it was written, for example {@code TORII_HTTP_PORT}
 */
public record ConfigValue(String text, String source) {
  @Override
  public String toString() {
    return "ConfigValue[source=" + source + "]";
  }
}
