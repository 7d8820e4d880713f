package dev.torii.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * Remembers who was refused until when, so that a flood of refused requests costs no Redis command.
 *
 * <p>Before a slot frees nobody can be admitted, whatever other processes do, unless slots are
 * given back: {@link #forget} tells of those that an operator or this process gave, and a refusal
 * after which another process may give some is kept for a moment only. A refusal holds for requests
 * that cost as much or more, under the same limit or a lower one. Shared by all event loops.
 */
public final class DenyMemory {
  /** Subjects remembered; beyond it the least used are asked of Redis again. */
  private static final int MAX_SUBJECTS = 100_000;

  private final Ticker ticker;
  private final Cache<String, Refusal> refusals;

  public DenyMemory() {
    this(Ticker.systemTicker());
  }

  DenyMemory(Ticker ticker) {
    this.ticker = ticker;
    this.refusals =
        Caffeine.newBuilder()
            .ticker(ticker)
            .maximumSize(MAX_SUBJECTS)
            .expireAfter(
                Expiry.<String, Refusal>writing(
                    (key, refusal) ->
                        Duration.ofNanos(Math.max(1, refusal.forgottenAtNanos() - ticker.read()))))
            .build();
  }

  /**
   * Remembers a refusal.
   *
   * @param waitMillis time until a request of this cost fits
   * @param keptMillis how long to remember it, for slots that may be given back earlier
   * @param used slots that are taken
   */
  void remember(String key, long waitMillis, long keptMillis, int cost, int limit, int used) {
    if (Math.min(waitMillis, keptMillis) > 0) {
      long now = ticker.read();
      long kept = now + Math.min(waitMillis, keptMillis) * 1_000_000;
      refusals.put(key, new Refusal(now + waitMillis * 1_000_000, kept, cost, limit, used));
    }
  }

  /** A refusal that holds for a request, null when none is known. */
  Refusal find(String key, int cost, int limit) {
    Refusal refusal = refusals.getIfPresent(key);
    return refusal != null && cost >= refusal.cost && limit <= refusal.limit ? refusal : null;
  }

  /** Milliseconds until a refusal is over, rounded up. */
  long waitMillis(Refusal refusal) {
    return Math.max(0, (refusal.freeAtNanos - ticker.read() + 999_999) / 1_000_000);
  }

  /** Asks Redis again at the next request of this subject. */
  public void forget(String key) {
    refusals.invalidate(key);
  }

  /** Asks Redis again at the next request of every subject. */
  void forgetAll() {
    refusals.invalidateAll();
  }

  /** A request that did not fit. */
  record Refusal(long freeAtNanos, long forgottenAtNanos, int cost, int limit, int used) {}
}
