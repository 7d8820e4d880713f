package dev.torii.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The sliding log in this process's memory, for the time that Redis is away and whatever the rule's
 * algorithm is. Each process counts for itself. Shared by all event loops.
 */
final class LocalLog {
  private static final int MAX_SUBJECTS = 100_000;

  /** Times kept for one subject; beyond it the newest ones are kept as one, which leaves late. */
  private static final int MAX_TIMES = 1_024;

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

  /**
   * Takes {@code cost} slots if there is room for all of them, which there never is for more than
   * the limit.
   */
  Taken take(Rule rule, String key, int limit, int cost) {
    Duration window = Duration.ofMillis(rule.windowMillis());
    return logs.get(key, k -> new Log(window)).take(limit, cost, ticker.read());
  }

  /** Gives back what was taken a moment ago. */
  void giveBack(String key, int cost) {
    Log log = logs.getIfPresent(key);
    if (log != null) {
      log.giveBack(cost);
    }
  }

  /** Gives a subject its whole limit back. */
  void forget(String key) {
    logs.invalidate(key);
  }

  /**
   * What was counted here.
   *
   * @param used slots taken in the window now
   * @param waitMillis until the next slot frees, or until the cost fits when it was refused
   */
  record Taken(boolean admitted, int used, long waitMillis) {}

  /** When one subject was admitted; forgotten when it was not asked for during a whole window. */
  private static final class Log {
    private final Duration window;
    private final Deque<Slots> admitted = new ArrayDeque<>();
    private int used;

    Log(Duration window) {
      this.window = window;
    }

    synchronized Taken take(int limit, int cost, long now) {
      while (!admitted.isEmpty() && nanosUntilLeaves(admitted.peek(), now) <= 0) {
        used -= admitted.poll().count;
      }
      boolean fits = (long) used + cost <= limit;
      if (fits) {
        add(cost, now);
      }
      // Waits until one slot is free, or as many as this request lacks.
      long missing = fits ? 1 : (long) used + cost - limit;
      return new Taken(fits, used, (nanosUntilFree(missing, now) + 999_999) / 1_000_000);
    }

    synchronized void giveBack(int cost) {
      int left = cost;
      while (left > 0 && !admitted.isEmpty()) {
        Slots newest = admitted.peekLast();
        int given = Math.min(left, newest.count);
        newest.count -= given;
        used -= given;
        left -= given;
        if (newest.count == 0) {
          admitted.pollLast();
        }
      }
    }

    private void add(int cost, long now) {
      used += cost;
      if (admitted.size() < MAX_TIMES) {
        admitted.add(new Slots(now, cost));
      } else {
        admitted.peekLast().atNanos = now;
        admitted.peekLast().count += cost;
      }
    }

    private long nanosUntilFree(long slots, long now) {
      long left = slots;
      for (Slots taken : admitted) {
        left -= taken.count;
        if (left <= 0) {
          return nanosUntilLeaves(taken, now);
        }
      }
      return window.toNanos();
    }

    private long nanosUntilLeaves(Slots taken, long now) {
      return window.toNanos() - (now - taken.atNanos);
    }
  }

  /** Slots that were taken at one time. */
  private static final class Slots {
    private long atNanos;
    private int count;

    Slots(long atNanos, int count) {
      this.atNanos = atNanos;
      this.count = count;
    }
  }
}
