package dev.torii.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.redis.KeyListener;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BooleanSupplier;

/**
 * Entries of one cache in the memory of this process, shared by its event loops.
 *
 * <p>An entry is here only while it stands in Redis unchanged, but for the time that the report of
 * a change takes. Reports and values travel on two connections, so a value that was read before a
 * change may arrive after its report. Therefore a {@link Ticket} is drawn before a value is asked
 * for, and the value is put only if nothing in its stripe changed since. After a gap in the reports
 * everything is dropped together with all tickets.
 */
final class MemoryLevel<V> implements KeyListener {
  /** Power of two. Two keys of one stripe only cost each other a put now and then. */
  private static final int STRIPES = 1024;

  private final int capacity;
  private final Duration life;
  private final BooleanSupplier reliable;
  private final Ticker ticker;
  private final MemoryFigures figures;
  private volatile Contents<V> contents;

  /**
   * @param capacity entries kept at most
   * @param life of an entry in memory
   * @param reliable whether all changes are reported now; asked before each use
   */
  MemoryLevel(
      int capacity, Duration life, BooleanSupplier reliable, Ticker ticker, MemoryFigures figures) {
    this.capacity = capacity;
    this.life = life;
    this.reliable = reliable;
    this.ticker = ticker;
    this.figures = figures;
    this.contents = empty();
    figures.measure(this::size);
  }

  /** The entry, null when there is none that may be used now. */
  V get(String key) {
    V found = contents.entries.getIfPresent(key);
    return found == null || !reliable.getAsBoolean() ? null : found;
  }

  /** To be drawn before Redis is asked for the entry; null when its value cannot be kept. */
  Ticket<V> ticket(String key) {
    if (!reliable.getAsBoolean()) {
      return null;
    }
    Contents<V> now = contents;
    int stripe = stripe(key);
    return new Ticket<>(now, stripe, now.changes.get(stripe));
  }

  /** Keeps what Redis answered, unless it may have changed since {@code ticket} was drawn. */
  void put(String key, Ticket<V> ticket, V value) {
    if (ticket != null && ticket.isGood()) {
      // Asked again under the lock of the entry, which dropping it takes after it was counted.
      ticket.contents.entries.asMap().compute(key, (k, old) -> ticket.isGood() ? value : old);
    }
  }

  @Override
  public void changed(String key) {
    drop(key);
  }

  @Override
  public void gap() {
    clear();
  }

  /** Drops an entry and what is on its way to become it. */
  void drop(String key) {
    Contents<V> now = contents;
    now.changes.incrementAndGet(stripe(key));
    now.entries.invalidate(key);
  }

  /** Drops everything and what is on its way. */
  void clear() {
    if (contents.entries.estimatedSize() > 0) {
      figures.cleared();
    }
    contents = empty();
  }

  long size() {
    Contents<V> now = contents;
    now.entries.cleanUp();
    return now.entries.estimatedSize();
  }

  private Contents<V> empty() {
    return new Contents<>(
        Caffeine.newBuilder()
            .maximumSize(capacity)
            .expireAfterWrite(life)
            .ticker(ticker)
            .executor(Runnable::run)
            .evictionListener((String key, V value, RemovalCause cause) -> countEviction(cause))
            .build(),
        new AtomicIntegerArray(STRIPES));
  }

  private void countEviction(RemovalCause cause) {
    if (cause == RemovalCause.SIZE) {
      figures.evicted();
    }
  }

  private static int stripe(String key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return hash >>> (Integer.SIZE - Integer.numberOfTrailingZeros(STRIPES));
  }

  /** Replaced as a whole when everything is dropped, so that old tickets put into nothing. */
  private record Contents<V>(Cache<String, V> entries, AtomicIntegerArray changes) {}

  /** How often the stripe of a key had changed when its value was asked for. */
  static final class Ticket<V> {
    private final Contents<V> contents;
    private final int stripe;
    private final int changes;

    private Ticket(Contents<V> contents, int stripe, int changes) {
      this.contents = contents;
      this.stripe = stripe;
      this.changes = changes;
    }

    private boolean isGood() {
      return contents.changes.get(stripe) == changes;
    }
  }
}
