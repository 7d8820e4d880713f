package dev.torii.ratelimit;

/**
 * What a rule on failures said to one try.
 *
 * @param remaining slots left in the window
 * @param waitMillis time until the next try: of a refused one from now, of an admitted one if it
 *     fails
 * @param mayClear whether what refused it has no outcome yet and may be given back any moment
 */
public record FailureVerdict(
    Rule rule, boolean admitted, int remaining, long waitMillis, boolean mayClear) {

  /** {@link #waitMillis()} in whole seconds, rounded up so that waiting that long is enough. */
  public long waitSeconds() {
    return (waitMillis + 999) / 1000;
  }
}
