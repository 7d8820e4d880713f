package dev.torii.jobs;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for handlers, as many as lanes ask for. Where the JDK has virtual ones, types of which
 * many jobs run at once get those.
 */
final class JobThreads {
  private static final Logger LOG = LoggerFactory.getLogger(JobThreads.class);

  /** Jobs at once from which on a platform thread for each would be too much. */
  private static final int MANY = 64;

  private final ExecutorService platform;
  private final ExecutorService virtual;

  JobThreads() {
    this(named());
  }

  /**
   * @param platform makes the threads that are not virtual
   */
  JobThreads(ThreadFactory platform) {
    this.platform = Executors.newCachedThreadPool(platform);
    this.virtual = virtual(this.platform);
  }

  ExecutorService of(int concurrency) {
    return concurrency > MANY ? virtual : platform;
  }

  /** Interrupts what still runs; nobody waits for it. */
  void close() {
    platform.shutdownNow();
    virtual.shutdownNow();
  }

  private static ThreadFactory named() {
    var count = new AtomicInteger();
    return work -> {
      var thread = new Thread(work, "torii-job-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** By reflection, because the oldest JDK that is supported has none. */
  private static ExecutorService virtual(ExecutorService otherwise) {
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException e) {
      LOG.debug("Jobs run on platform threads", e);
      return otherwise;
    }
  }
}
