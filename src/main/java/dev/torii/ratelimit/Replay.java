package dev.torii.ratelimit;

import java.util.ArrayDeque;

/**
 * A rule that does not exist, asked about the requests of one subject in the order of their times.
 * What it refuses it does not count. Belongs to one thread.
 */
abstract class Replay {
  final int limit;
  final long windowMicros;

  private Replay(int limit, long windowMicros) {
    this.limit = limit;
    this.windowMicros = windowMicros;
  }

  /**
   * A rule that has counted nothing yet.
   *
   * @param algorithm as the configuration spells it
   * @throws IllegalArgumentException when there is no such algorithm
   */
  static Replay of(String algorithm, int limit, long windowMillis) {
    long window = windowMillis * 1000;
    return switch (algorithm) {
      case "sliding-log" -> new SlidingLog(limit, window);
      case "fixed-window" -> new FixedWindow(limit, window);
      case "sliding-window" -> new SlidingWindow(limit, window);
      case "gcra" -> new Gcra(limit, window);
      default -> throw new IllegalArgumentException("no algorithm " + algorithm);
    };
  }

  /**
   * Whether a request would have been admitted.
   *
   * @param atMicros its time since 1970, not before that of the request before
   * @param cost slots that it takes, at least 1
   */
  abstract boolean admits(long atMicros, int cost);

  /** The times of what was admitted in a ring: no window holds more than the limit. */
  private static final class SlidingLog extends Replay {
    private final ArrayDeque<long[]> admitted = new ArrayDeque<>();
    private long used;

    SlidingLog(int limit, long windowMicros) {
      super(limit, windowMicros);
    }

    @Override
    boolean admits(long atMicros, int cost) {
      while (!admitted.isEmpty() && admitted.peek()[0] <= atMicros - windowMicros) {
        used -= admitted.poll()[1];
      }
      if (used + cost > limit) {
        return false;
      }
      admitted.add(new long[] {atMicros, cost});
      used += cost;
      return true;
    }
  }

  /** A count that begins anew with each window of the clock. */
  private static final class FixedWindow extends Replay {
    private long window = -1;
    private long used;

    FixedWindow(int limit, long windowMicros) {
      super(limit, windowMicros);
    }

    @Override
    boolean admits(long atMicros, int cost) {
      long current = atMicros / windowMicros;
      if (current != window) {
        window = current;
        used = 0;
      }
      if (used + cost > limit) {
        return false;
      }
      used += cost;
      return true;
    }
  }

  /** The count of this window of the clock and the share of the last one that still reaches in. */
  private static final class SlidingWindow extends Replay {
    private long window = -1;
    private long used;
    private long usedBefore;

    SlidingWindow(int limit, long windowMicros) {
      super(limit, windowMicros);
    }

    @Override
    boolean admits(long atMicros, int cost) {
      long current = atMicros / windowMicros;
      if (current != window) {
        usedBefore = current == window + 1 ? used : 0;
        used = 0;
        window = current;
      }
      double before = (double) usedBefore * (windowMicros - atMicros % windowMicros) / windowMicros;
      if (before + used + cost > limit) {
        return false;
      }
      used += cost;
      return true;
    }
  }

  /** The time at which all would be forgotten; a window's worth of it may be used at once. */
  private static final class Gcra extends Replay {
    private long firstMicros = -1;

    /** After the first request, because a double has no room for fractions of a time of today. */
    private double emptyAtMicros;

    Gcra(int limit, long windowMicros) {
      super(limit, windowMicros);
    }

    @Override
    boolean admits(long atMicros, int cost) {
      if (firstMicros < 0) {
        firstMicros = atMicros;
      }
      double at = (double) (atMicros - firstMicros);
      double next = Math.max(emptyAtMicros, at) + (double) windowMicros * cost / limit;
      // Half a microsecond, which no clock here tells apart, for what division rounded.
      if (next - at > windowMicros + 0.5) {
        return false;
      }
      emptyAtMicros = next;
      return true;
    }
  }
}
