package dev.torii.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Leaves Redis out as a cache for a while after it failed several times in a row, so that reads do
 * not wait for its deadline; then one call tries it again. Shared by all event loops, without
 * locks. Invalidations, revocations and limits do not ask it.
 */
final class Breaker {
  private final int failuresToOpen;
  private final long openNanos;
  private final Ticker ticker;
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicLong tryAt = new AtomicLong();
  private volatile boolean open;

  Breaker(int failuresToOpen, Duration open, Ticker ticker) {
    this.failuresToOpen = failuresToOpen;
    this.openNanos = open.toNanos();
    this.ticker = ticker;
  }

  /** Whether Redis may be asked; when it is left out, one caller a period is let through. */
  boolean allows() {
    if (!open) {
      return true;
    }
    long next = tryAt.get();
    long now = ticker.read();
    return now - next >= 0 && tryAt.compareAndSet(next, now + openNanos);
  }

  boolean isOpen() {
    return open;
  }

  void succeeded() {
    if (open || failures.get() != 0) {
      failures.set(0);
      open = false;
    }
  }

  void failed() {
    if (failures.incrementAndGet() >= failuresToOpen) {
      tryAt.set(ticker.read() + openNanos);
      open = true;
    }
  }
}
