package dev.torii.jobs;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The jobs of one type in this process: those that run, and a few that wait for a thread.
 *
 * <p>A thread that has ended one takes the next, so that short jobs do not cost a change of threads
 * each. Threads come from a pool without a bound of its own: one that is given up with its handler
 * leaves its place to another.
 */
final class Lane {
  /**
   * Jobs that are claimed ahead are begun within this time if they take as long as those before.
   */
  private static final long AHEAD_NANOS = 50_000_000;

  private static final long SLOW_NANOS = 1_000_000_000;

  private static final int MOST_AHEAD = 600;

  final JobType type;
  private final AttemptRunner runner;
  private final Executor threads;
  private final Consumer<Attempt> onDone;
  private final Queue<Attempt> ready = new ConcurrentLinkedQueue<>();
  private final AtomicInteger active = new AtomicInteger();

  // Of the event loop.
  boolean rung = true;
  int inHand;
  private double averageNanos = -1;

  /**
   * @param onDone told, on the thread, of each attempt that is done with
   */
  Lane(JobType type, AttemptRunner runner, Executor threads, Consumer<Attempt> onDone) {
    this.type = type;
    this.runner = runner;
    this.threads = threads;
    this.onDone = onDone;
  }

  JobOptions options() {
    return type.options();
  }

  /** How many jobs are to be claimed now; 0 for none. */
  int room() {
    int capacity = options().concurrency() + ahead();
    int room = capacity - inHand;
    return inHand < options().concurrency() || room * 2 >= capacity ? Math.max(0, room) : 0;
  }

  private int ahead() {
    if (averageNanos < 0) {
      return 0;
    }
    double ahead = options().concurrency() * (AHEAD_NANOS / Math.max(1, averageNanos));
    return ahead < 1 ? 0 : (int) Math.min(MOST_AHEAD, ahead);
  }

  /** One has run for so long. */
  void took(long nanos) {
    averageNanos = averageNanos < 0 ? nanos : averageNanos * 0.95 + nanos * 0.05;
  }

  /** Jobs take longer than those before: for some time none is claimed ahead. */
  void isSlow() {
    averageNanos = Math.max(averageNanos, SLOW_NANOS);
  }

  void submit(List<Attempt> attempts) {
    ready.addAll(attempts);
    for (int i = 0; i < attempts.size() && beginOne(); i++) {
      // one more thread
    }
  }

  /** The thread of one that was given up counts no more. */
  void gaveUpThread() {
    active.decrementAndGet();
    beginWaiting();
  }

  /**
   * Begins what waits although there is room, as after a moment in which no thread was to be had.
   * To be called now and then: nobody else may look at the lane again.
   */
  void beginWaiting() {
    if (!ready.isEmpty()) {
      beginOne();
    }
  }

  private boolean beginOne() {
    int now = active.get();
    while (now < options().concurrency()) {
      if (active.compareAndSet(now, now + 1)) {
        try {
          threads.execute(this::takeAll);
          return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
          active.decrementAndGet();
          return false; // no thread is to be had now; see beginWaiting
        }
      }
      now = active.get();
    }
    return false;
  }

  private void takeAll() {
    Thread.currentThread().setContextClassLoader(type.handler().getClass().getClassLoader());
    for (Attempt next; (next = ready.poll()) != null; ) {
      if (!runner.run(next)) {
        onDone.accept(next);
        return; // this thread was given up, its place is taken
      }
      onDone.accept(next);
    }
    active.decrementAndGet();
    beginWaiting();
  }
}
