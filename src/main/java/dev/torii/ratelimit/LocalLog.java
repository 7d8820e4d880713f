package dev.torii.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The sliding log in this process's memory, for the time that Redis is away. Each process counts
 * for itself, so N processes together admit up to N times the limit. Shared by all event loops.
 */
final class LocalLog {
  private static final int MAX_SUBJECTS = 100_000;

  private final Ticker ticker;
  private final Cache<String, Log> logs;

  LocalLog(Ticker ticker) {
    this.ticker = ticker;
    this.logs =
        Caffeine.newBuilder()
            .ticker(ticker)
            .maximumSize(MAX_SUBJECTS)
            .expireAfter(Expiry.accessing((String key, Log log) -> log.window))
            .build();
  }

  Decision tryAcquire(Rule rule, String key) {
    Duration window = Duration.ofMillis(rule.windowMillis());
    return logs.get(key, k -> new Log(window)).tryAcquire(rule, ticker.read());
  }

  /** Gives a subject its whole limit back. */
  void forget(String key) {
    logs.invalidate(key);
  }

  /** When one subject was admitted; forgotten when it was not asked for during a whole window. */
  private static final class Log {
    private final Duration window;
    private final Deque<Long> admittedNanos = new ArrayDeque<>();

    Log(Duration window) {
      this.window = window;
    }

    synchronized Decision tryAcquire(Rule rule, long now) {
      while (!admittedNanos.isEmpty() && nanosUntilLeaves(admittedNanos.peek(), now) <= 0) {
        admittedNanos.poll();
      }
      boolean admitted = admittedNanos.size() < rule.limit();
      if (admitted) {
        admittedNanos.add(now);
      }
      long waitMillis = (nanosUntilLeaves(admittedNanos.peek(), now) + 999_999) / 1_000_000;
      return new Decision(rule, admitted, rule.limit() - admittedNanos.size(), waitMillis);
    }

    private long nanosUntilLeaves(long admittedAt, long now) {
      return window.toNanos() - (now - admittedAt);
    }
  }
}
