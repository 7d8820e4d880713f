package dev.torii.http;

import java.util.Locale;

/** What the gate found in the cache, as the header {@code X-Cache} tells it. */
public enum CacheOutcome {
  HIT,
  MISS,
  /** The cache remembers that there is nothing. */
  NEGATIVE,
  /** The cache could not be asked, or may be older than what this process wrote. */
  BYPASS;

  private final String header = name().toLowerCase(Locale.ROOT);

  /** Value of the header {@code X-Cache} and of the metrics' label. */
  public String label() {
    return header;
  }
}
