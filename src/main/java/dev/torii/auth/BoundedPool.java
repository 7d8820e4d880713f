package dev.torii.auth;

import dev.torii.bus.Deadline;
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

  /**
   * A job that waited longer is not done any more: whoever asked will have given up before it ends,
   * and its time is better spent on the next one.
   */
  static final Duration MOST_WAIT = Duration.ofSeconds(1);

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
   * Runs {@code job}; fails with BUSY when the queue is full, or when its turn comes too late.
   * Completes on the caller's context.
   */
  <T> Future<T> run(Callable<T> job) {
    return run(Deadline.in(MOST_WAIT), job);
  }

  /**
   * As {@link #run(Callable)}, for a job that is of no use when it has not begun in time.
   *
   * @param beginBy when that is sooner than its turn may come
   */
  <T> Future<T> run(Deadline beginBy, Callable<T> job) {
    if (beginBy.isOver()) {
      return Future.failedFuture(busy());
    }
    if (admitted.incrementAndGet() > capacity) {
      admitted.decrementAndGet();
      return Future.failedFuture(busy());
    }
    Deadline turnBy = beginBy.within(MOST_WAIT);
    return executor
        .executeBlocking(() -> callInTime(job, turnBy), false)
        .onComplete(done -> admitted.decrementAndGet());
  }

  private static <T> T callInTime(Callable<T> job, Deadline turnBy) throws Exception {
    if (turnBy.isOver()) {
      throw busy();
    }
    return job.call();
  }

  private static Failure busy() {
    return Failure.retryAfter(ErrorCode.BUSY, null, RETRY_AFTER);
  }

  /**
   * As {@link #run(Deadline, Callable)}, with at most half of the room for the jobs of one owner: a
   * flood of one client must not leave all others outside.
   */
  <T> Future<T> run(String owner, Deadline beginBy, Callable<T> job) {
    if (admittedByOwner.merge(owner, 1, Integer::sum) > Math.max(1, capacity / 2)) {
      leave(owner);
      return Future.failedFuture(busy());
    }
    return run(beginBy, job).onComplete(done -> leave(owner));
  }

  private void leave(String owner) {
    admittedByOwner.computeIfPresent(owner, (same, jobs) -> jobs == 1 ? null : jobs - 1);
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
