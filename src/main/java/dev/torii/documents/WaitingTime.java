package dev.torii.documents;

import java.time.Duration;

/** How long was waited for a process, without what was done between its answers. */
final class WaitingTime {
  private final long mostNanos;
  private long spentNanos;
  private long sinceNanos;
  private boolean waiting;

  WaitingTime(Duration most) {
    this.mostNanos = most.toNanos();
  }

  synchronized void begin() {
    sinceNanos = System.nanoTime();
    waiting = true;
  }

  synchronized void end() {
    spentNanos += System.nanoTime() - sinceNanos;
    waiting = false;
  }

  synchronized boolean isOver() {
    long current = waiting ? System.nanoTime() - sinceNanos : 0;
    return spentNanos + current > mostNanos;
  }
}
