package dev.torii.jobs;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One attempt of a job in this process, from its claim until the ledger knows its outcome.
 *
 * <p>Three may touch it: the thread that runs it, others that its handler has given it to, and the
 * event loop of {@link JobWorkers}. What only the latter uses says so.
 */
final class Attempt implements JobContext {
  private static final int LONGEST_LINE = 1_000;
  private static final int LONGEST_STAGE = 64;

  final Claimed job;
  final Lane lane;
  private final Consumer<Attempt> onNews;
  private final int maxLogLines;
  private final long claimedNanos;

  /** Until when nobody else can have it, by the monotonic clock. */
  private volatile long leaseEndNanos;

  private volatile boolean stop;
  private volatile boolean cancelled;
  private volatile boolean timedOut;
  private volatile long startedNanos;
  private volatile long endedNanos;
  private volatile Instant deadline = Instant.MAX;
  private JsonObject payload;

  // Guarded by this.
  private Thread thread;
  private boolean over;
  private boolean dirty;
  private int best = -1;
  private Progress progress;
  private final Deque<LogLine> lines = new ArrayDeque<>();

  /** What its thread said of its end; null before, and when it was given up. */
  private volatile Outcome outcome;

  /** Shown with a cancellation. */
  volatile String cancelReason;

  // Of the event loop.
  boolean settled;
  boolean left;
  boolean repeated;
  long toldNanos;
  long giveUpNanos;
  long cancelNanos;
  boolean queued;

  /**
   * @param leaseEndNanos by {@link System#nanoTime()}, counted from before the claim was sent
   * @param onNews told once when there is progress or a line, until {@link #takeProgress}
   */
  Attempt(Claimed job, Lane lane, long leaseEndNanos, int maxLogLines, Consumer<Attempt> onNews) {
    this.job = job;
    this.lane = lane;
    this.leaseEndNanos = leaseEndNanos;
    this.claimedNanos = System.nanoTime();
    this.maxLogLines = maxLogLines;
    this.onNews = onNews;
  }

  record Progress(int percent, String stage, String message) {}

  record LogLine(String text, long atNanos) {}

  @Override
  public UUID id() {
    return job.id();
  }

  @Override
  public int attempt() {
    return job.attempt();
  }

  @Override
  public synchronized JsonObject payload() {
    if (payload == null) {
      payload = new JsonObject(job.payload());
    }
    return payload;
  }

  @Override
  public Instant deadline() {
    return deadline;
  }

  @Override
  public void progress(int percent, String stage, String message) {
    int within = Math.max(0, Math.min(100, percent));
    synchronized (this) {
      if (over || within < best || leaseIsOver()) {
        return;
      }
      best = within;
      progress = new Progress(within, cut(stage, LONGEST_STAGE), cut(message, LONGEST_LINE));
      if (dirty) {
        return;
      }
      dirty = true;
    }
    onNews.accept(this);
  }

  @Override
  public synchronized void log(String message) {
    if (over || maxLogLines == 0) {
      return;
    }
    if (lines.size() == maxLogLines) {
      lines.poll();
    }
    lines.add(new LogLine(cut(String.valueOf(message), LONGEST_LINE), System.nanoTime()));
  }

  @Override
  public boolean isCancelled() {
    return stop || leaseIsOver();
  }

  /**
   * The calling thread begins.
   *
   * @return false when it must not
   */
  synchronized boolean begin() {
    if (over || leaseIsOver()) {
      return false;
    }
    Duration timeout = lane.options().timeout();
    deadline = Instant.now().plus(timeout);
    startedNanos = System.nanoTime();
    thread = Thread.currentThread();
    return true;
  }

  /**
   * The calling thread has ended, and is not interrupted any more.
   *
   * @return false when it was given up before
   */
  synchronized boolean end(Outcome said) {
    if (thread == null) {
      return false;
    }
    thread = null;
    over = true;
    outcome = said;
    endedNanos = System.nanoTime();
    return true;
  }

  /** Another has it: an interrupt if it runs, and no begin if it does not. */
  synchronized void lose() {
    stop = true;
    if (thread == null) {
      over = true;
    } else {
      thread.interrupt();
    }
  }

  /** Asks for the end: {@link #isCancelled} from now on, and an interrupt. */
  synchronized void interrupt() {
    stop = true;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Asks for the end without an interrupt. */
  void askToStop() {
    stop = true;
  }

  void timeOut() {
    timedOut = true;
    interrupt();
  }

  void cancel() {
    cancelled = true;
    interrupt();
  }

  /**
   * Nothing that the handler still says is heard, and its thread counts no more.
   *
   * @return whether a thread was in it
   */
  synchronized boolean giveUp() {
    stop = true;
    over = true;
    boolean running = thread != null;
    if (running) {
      thread.interrupt();
      thread = null;
    }
    return running;
  }

  void ended(Outcome said) {
    outcome = said;
  }

  Outcome outcome() {
    return outcome;
  }

  boolean isStopping() {
    return stop;
  }

  boolean isTimedOut() {
    return timedOut;
  }

  boolean wasCancelled() {
    return cancelled;
  }

  boolean hasStarted() {
    return startedNanos != 0;
  }

  long claimedNanos() {
    return claimedNanos;
  }

  /** How long its handler took; only of one that has ended. */
  long tookNanos() {
    return endedNanos - startedNanos;
  }

  long startedNanos() {
    return startedNanos;
  }

  boolean leaseIsOver() {
    return System.nanoTime() - leaseEndNanos >= 0;
  }

  void leaseUntil(long endNanos) {
    leaseEndNanos = endNanos;
  }

  /** What was said since the last time; null for nothing. */
  synchronized Progress takeProgress() {
    if (!dirty) {
      return null;
    }
    dirty = false;
    return progress;
  }

  /** 0-100, of this attempt. */
  synchronized int reached() {
    return Math.max(0, best);
  }

  synchronized List<LogLine> takeLines() {
    if (lines.isEmpty()) {
      return List.of();
    }
    List<LogLine> taken = new ArrayList<>(lines);
    lines.clear();
    return taken;
  }

  /** The database's time now, as far as the monotonic clock can tell. */
  Instant now() {
    return job.at().plusNanos(System.nanoTime() - claimedNanos);
  }

  private static String cut(String text, int most) {
    return text == null ? null : JobFault.cut(text, most);
  }
}
