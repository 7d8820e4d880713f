package dev.torii.documents;

import dev.torii.config.DocumentsConfig;
import dev.torii.jobs.JobCancelledException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The processes that read files: one for each file that is read now, kept a while for the next, as
 * starting one takes longer than most files. No more of them are there than files are read at once.
 */
final class ReaderPool {
  private static final long LOOK_EVERY_MILLIS = 200;

  private final DocumentsConfig config;
  private final Deque<ReaderProcess> idle = new ArrayDeque<>();
  private final ScheduledExecutorService watch = watch();
  private final Counter started;
  private final ScheduledFuture<?> cleaning;
  private boolean closed;

  ReaderPool(DocumentsConfig config, MeterRegistry registry) {
    this.config = config;
    this.started =
        Counter.builder("torii.documents.readers.started")
            .description("Processes that were started to read files")
            .register(registry);
    this.cleaning =
        watch.scheduleWithFixedDelay(
            this::endIdle, LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * A process for one file: the one that was used last, or a new one.
   *
   * @param scratch directory in which that for its temporary files is made
   * @throws JobCancelledException when the pool is closed
   */
  ReaderProcess take(Path scratch) throws IOException, JobCancelledException {
    synchronized (this) {
      if (closed) {
        throw new JobCancelledException();
      }
      for (ReaderProcess last; (last = idle.pollLast()) != null; ) {
        if (last.isAlive()) {
          return last;
        }
      }
    }
    started.increment();
    return ReaderProcess.start(config, scratch);
  }

  /** Takes a process back that has answered to the end. */
  synchronized void giveBack(ReaderProcess process) {
    if (closed || process.files() >= config.readerFiles() || !process.isAlive()) {
      process.end();
    } else {
      process.idleSince(System.nanoTime());
      idle.addLast(process);
    }
  }

  /**
   * Looks now and then, until it is cancelled, and ends the process when {@code late} says so.
   *
   * @throws JobCancelledException when the pool is closed
   */
  ScheduledFuture<?> endWhen(ReaderProcess process, BooleanSupplier late)
      throws JobCancelledException {
    synchronized (this) {
      if (closed) {
        throw new JobCancelledException();
      }
      return watch.scheduleWithFixedDelay(
          () -> endIf(process, late), LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private static void endIf(ReaderProcess process, BooleanSupplier late) {
    if (late.getAsBoolean()) {
      process.end();
    }
  }

  /**
   * Ends all that are idle, and those under way when they come back.
   *
   * @return complete when the idle ones have gone with their files
   */
  synchronized CompletableFuture<Void> close() {
    closed = true;
    cleaning.cancel(false);
    watch.shutdownNow();
    idle.forEach(ReaderProcess::end);
    var gone = idle.stream().map(ReaderProcess::gone).toArray(CompletableFuture<?>[]::new);
    idle.clear();
    return CompletableFuture.allOf(gone);
  }

  private synchronized void endIdle() {
    long now = System.nanoTime();
    for (Iterator<ReaderProcess> each = idle.iterator(); each.hasNext(); ) {
      ReaderProcess process = each.next();
      if (now - process.idleSince() >= config.readerIdle().toNanos()) {
        process.end();
        each.remove();
      }
    }
  }

  private static ScheduledExecutorService watch() {
    var executor =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              var thread = new Thread(work, "torii-readers");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }
}
