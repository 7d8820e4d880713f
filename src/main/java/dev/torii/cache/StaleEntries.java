package dev.torii.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Entries in Redis, and groups of them, that may be older than PostgreSQL, and are not read until
 * that is over. Shared by all event loops.
 *
 * <p>Some are known: this process changed them but could not drop them. When Redis was away, other
 * processes may have such entries too and drop them as soon as they have reached it again; until
 * they must have, no entry is trusted.
 */
public final class StaleEntries {
  private final Set<String> keys = ConcurrentHashMap.newKeySet();
  private final long distrustNanos;
  private final Ticker ticker;

  /** Whether {@link #distrustedAt} means anything; spares a look at the clock until it does. */
  private volatile boolean distrusted;

  private volatile long distrustedAt;

  /**
   * @param distrust how long no entry is read after Redis was away: as long as any process may take
   *     to reach it again
   */
  public StaleEntries(Duration distrust) {
    this(distrust, Ticker.systemTicker());
  }

  StaleEntries(Duration distrust, Ticker ticker) {
    this.distrustNanos = distrust.toNanos();
    this.ticker = ticker;
  }

  /** Whether the cached entry may be older than what any process wrote. */
  public boolean mayBeStale(String key) {
    boolean distrust = distrusted && ticker.read() - distrustedAt < distrustNanos;
    return distrust || contains(key);
  }

  /** Redis did not answer, or is back: from now on no entry is read for a while. */
  public void distrustAll() {
    distrustedAt = ticker.read();
    distrusted = true;
  }

  /** Whether this process changed the entry and could not drop it. */
  boolean contains(String key) {
    return !keys.isEmpty() && keys.contains(key);
  }

  /** Whether this process could not drop one of these. */
  boolean containsAny(List<String> several) {
    return !keys.isEmpty() && several.stream().anyMatch(keys::contains);
  }

  void add(String key) {
    keys.add(key);
  }

  void remove(String key) {
    keys.remove(key);
  }
}
