package dev.torii.http;

import java.util.Locale;

/** What became of the read of a cache, as the header {@code X-Cache} tells it. */
public enum CacheOutcome {
  HIT("hit"),
  MISS("miss"),
  /** The cache remembers that there is nothing. */
  NEGATIVE("negative"),
  /** An entry past its life, because PostgreSQL is away or slow. */
  STALE("stale"),
  /** The cache could not be asked, or may be older than what this process wrote. */
  BYPASS("miss");

  private final String header;
  private final String label = name().toLowerCase(Locale.ROOT);

  CacheOutcome(String header) {
    this.header = header;
  }

  /** Value of the header {@code X-Cache}; to a client a cache that is away is one that misses. */
  public String header() {
    return header;
  }

  /** Value of the metrics' label. */
  public String label() {
    return label;
  }
}
