package dev.torii.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The failures that this process has seen, by which it decides while Redis is away: the same rule
 * as {@code failures-begin.lua}. Shared by all event loops.
 */
final class LocalFailures {
  private static final int MAX_SUBJECTS = 100_000;

  private final Ticker ticker;
  private final Cache<String, Log> logs;

  LocalFailures(Ticker ticker) {
    this.ticker = ticker;
    this.logs =
        Caffeine.newBuilder()
            .ticker(ticker)
            .maximumSize(MAX_SUBJECTS)
            .expireAfter(Expiry.accessing((String key, Log log) -> log.window))
            .build();
  }

  /** Takes a slot, if there is one. */
  FailureVerdict begin(FailureRule rule, String key, String event) {
    return log(rule, key).begin(rule, event, ticker.read());
  }

  /** Keeps a failure, also one whose slot only Redis knows yet. */
  void settle(FailureRule rule, String key, String event) {
    log(rule, key).settle(event, ticker.read());
  }

  void remove(String key, String event) {
    Log log = logs.getIfPresent(key);
    if (log != null) {
      log.remove(event);
    }
  }

  /** Forgets every log whose key has {@code subject} as one or more of its parts. */
  void forget(String subject) {
    String part = ":" + subject + ":";
    logs.asMap().keySet().removeIf(key -> key.contains(part));
  }

  private Log log(FailureRule rule, String key) {
    Duration window = Duration.ofMillis(rule.rule().windowMillis());
    return logs.get(key, k -> new Log(window));
  }

  /** The slots of one subject, oldest first. */
  private static final class Log {
    private final Duration window;
    private final List<Slot> slots = new ArrayList<>();

    Log(Duration window) {
      this.window = window;
    }

    synchronized FailureVerdict begin(FailureRule rule, String event, long now) {
      dropOld(now);
      long wait = waitMillis(rule, now);
      if (wait > 0) {
        boolean mayClear = slots.stream().anyMatch(slot -> !slot.failed);
        return new FailureVerdict(rule.rule(), false, left(rule), wait, mayClear);
      }
      slots.add(new Slot(event, now, false));
      return new FailureVerdict(rule.rule(), true, left(rule), waitMillis(rule, now), false);
    }

    synchronized void settle(String event, long now) {
      dropOld(now);
      for (int i = 0; i < slots.size(); i++) {
        if (slots.get(i).event.equals(event)) {
          slots.set(i, new Slot(event, slots.get(i).nanos, true));
          return;
        }
      }
      slots.add(new Slot(event, now, true));
    }

    synchronized void remove(String event) {
      slots.removeIf(slot -> slot.event.equals(event));
    }

    private void dropOld(long now) {
      slots.removeIf(slot -> millisUntil(slot, window.toMillis(), now) <= 0);
    }

    private int left(FailureRule rule) {
      return Math.max(0, rule.rule().limit() - slots.size());
    }

    private long waitMillis(FailureRule rule, long now) {
      int count = slots.size();
      int limit = rule.rule().limit();
      long longest = 0;
      if (count >= limit) {
        longest = millisUntil(slots.get(count - limit), window.toMillis(), now);
      }
      if (count > 0) {
        Slot newest = slots.get(count - 1);
        longest = Math.max(longest, millisUntil(newest, rule.grownMillis(count), now));
      }
      return Math.max(0, longest);
    }

    private static long millisUntil(Slot slot, long afterMillis, long now) {
      return Math.floorDiv(afterMillis * 1_000_000 - (now - slot.nanos) + 999_999, 1_000_000);
    }
  }

  /** One try, as it began. */
  private record Slot(String event, long nanos, boolean failed) {}
}
