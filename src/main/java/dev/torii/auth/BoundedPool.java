package dev.torii.auth;

import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for work that takes a processor for long, with a bounded queue: too much work is refused
 * at once instead of making everyone wait.
 */
final class BoundedPool {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final WorkerExecutor executor;
  private final AtomicInteger admitted = new AtomicInteger();
  private final Map<String, Integer> admittedByOwner = new ConcurrentHashMap<>();
  private final int capacity;

  /**
   * A pool of its own threads.
   *
   * @param threads jobs that run at once
   * @param queue jobs that may wait beside them
   */
  BoundedPool(Vertx vertx, String name, int threads, int queue) {
    this.executor = vertx.createSharedWorkerExecutor(name, threads);
    this.capacity = threads + queue;
  }

  /**
   * Runs {@code job}; fails with BUSY when the queue is full. Completes on the caller's context.
   */
  <T> Future<T> run(Callable<T> job) {
    if (admitted.incrementAndGet() > capacity) {
      admitted.decrementAndGet();
      return busy();
    }
    return executor.executeBlocking(job, false).onComplete(done -> admitted.decrementAndGet());
  }

  /**
   * As {@link #run(Callable)}, with at most half of the room for the jobs of one owner: a flood of
   * one client must not leave all others outside.
   */
  <T> Future<T> run(String owner, Callable<T> job) {
    if (admittedByOwner.merge(owner, 1, Integer::sum) > Math.max(1, capacity / 2)) {
      leave(owner);
      return busy();
    }
    return run(job).onComplete(done -> leave(owner));
  }

  private void leave(String owner) {
    admittedByOwner.computeIfPresent(owner, (same, jobs) -> jobs == 1 ? null : jobs - 1);
  }

  private static <T> Future<T> busy() {
    return Future.failedFuture(Failure.retryAfter(ErrorCode.BUSY, null, RETRY_AFTER));
  }

  /** Shows the jobs that run or wait as {@code torii_pool_jobs}. */
  BoundedPool observedBy(MeterRegistry registry, String name) {
    Gauge.builder("torii.pool.jobs", admitted, AtomicInteger::get)
        .description("Jobs that run or wait for a thread")
        .tag("pool", name)
        .register(registry);
    return this;
  }

  Future<Void> close() {
    return executor.close();
  }
}
