package dev.torii.bus;

import java.time.Duration;

/**
 * The moment until which somebody waits for an answer; one object for all who work on it.
 *
 * @param atNanos by {@link System#nanoTime()}
 */
public record Deadline(long atNanos) {
  /** The deadline of what begins now. */
  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** For a step that has to leave that much time to those after it. */
  public Deadline earlier(Duration by) {
    return new Deadline(atNanos - by.toNanos());
  }

  /** This one, or the end of {@code time} from now if that is sooner. */
  public Deadline within(Duration time) {
    Deadline other = in(time);
    return other.atNanos - atNanos < 0 ? other : this;
  }

  /** What is left; negative when it has passed. */
  public Duration left() {
    return Duration.ofNanos(atNanos - System.nanoTime());
  }

  public boolean isOver() {
    return atNanos - System.nanoTime() <= 0;
  }
}
