package dev.torii.ratelimit;

/**
 * What a rule said to one request.
 *
 * @param admitted whether the request may go on
 * @param remaining requests left in the window now
 * @param resetMillis time until a slot frees, at least 0
 */
public record Decision(Rule rule, boolean admitted, int remaining, long resetMillis) {

  /** {@link #resetMillis()} in whole seconds, rounded up so that waiting that long is enough. */
  public long resetSeconds() {
    return (resetMillis + 999) / 1000;
  }
}
