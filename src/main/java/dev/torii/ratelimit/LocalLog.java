package dev.torii.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
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
  private final Cache<String, Deque<Long>> logs;

  LocalLog(Ticker ticker) {
    this.ticker = ticker;
    this.logs =
        Caffeine.newBuilder()
            .ticker(ticker)
            .maximumSize(MAX_SUBJECTS)
            .expireAfterAccess(Duration.ofHours(1))
            .build();
  }

  Decision tryAcquire(Rule rule, String key) {
    Deque<Long> log = logs.get(key, k -> new ArrayDeque<>());
    long now = ticker.read();
    long window = rule.windowMillis() * 1_000_000;
    synchronized (log) {
      while (!log.isEmpty() && log.peek() <= now - window) {
        log.poll();
      }
      boolean admitted = log.size() < rule.limit();
      if (admitted) {
        log.add(now);
      }
      long waitMillis = (log.peek() + window - now + 999_999) / 1_000_000;
      return new Decision(rule, admitted, rule.limit() - log.size(), waitMillis);
    }
  }
}
