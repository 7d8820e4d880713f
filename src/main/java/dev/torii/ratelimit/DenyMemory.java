package dev.torii.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;

/**
 * Remembers who was refused until when, so that a flood of refused requests costs no Redis command.
 *
 * <p>Exact: before a slot frees nobody can be admitted, whatever other processes do, unless an
 * operator resets the subject, which {@link #forget} then tells. Shared by all event loops.
 */
public final class DenyMemory {
  /** Subjects remembered; beyond it the least used are asked of Redis again. */
  private static final int MAX_SUBJECTS = 100_000;

  private final Ticker ticker;
  private final Cache<String, Long> freeAtNanos;

  public DenyMemory() {
    this(Ticker.systemTicker());
  }

  DenyMemory(Ticker ticker) {
    this.ticker = ticker;
    this.freeAtNanos =
        Caffeine.newBuilder()
            .ticker(ticker)
            .maximumSize(MAX_SUBJECTS)
            .expireAfter(Expiry.<String, Long>writing((key, freeAt) -> untilFree(freeAt)))
            .build();
  }

  /** Remembers a refusal; {@code waitMillis} is the time until the subject's next slot frees. */
  void remember(String key, long waitMillis) {
    if (waitMillis > 0) {
      freeAtNanos.put(key, ticker.read() + waitMillis * 1_000_000);
    }
  }

  /** Milliseconds until the subject's next slot frees, rounded up; 0 when nothing is known. */
  long waitMillis(String key) {
    Long freeAt = freeAtNanos.getIfPresent(key);
    if (freeAt == null) {
      return 0;
    }
    return Math.max(0, (freeAt - ticker.read() + 999_999) / 1_000_000);
  }

  /** Asks Redis again at the next request of this subject. */
  public void forget(String key) {
    freeAtNanos.invalidate(key);
  }

  /** Asks Redis again for every counter that has {@code subject} as one or more of its parts. */
  void forgetSubject(String subject) {
    String part = ":" + subject + ":";
    freeAtNanos.asMap().keySet().removeIf(key -> key.contains(part));
  }

  private java.time.Duration untilFree(long freeAt) {
    return java.time.Duration.ofNanos(Math.max(1, freeAt - ticker.read()));
  }
}
