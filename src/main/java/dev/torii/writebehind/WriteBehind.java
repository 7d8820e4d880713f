package dev.torii.writebehind;

import dev.torii.config.WriteBehindConfig;
import dev.torii.postgres.Database;
import dev.torii.redis.RedisClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes that are answered when they are safe and applied to PostgreSQL later, many with one
 * statement. This half is shared by all threads: the kinds of writes, and what is known of clocks.
 *
 * <p>A kind is registered before the first write of it is accepted, and by every process.
 */
public final class WriteBehind {
  private final WriteBehindConfig config;
  private final Duration redisTimeout;
  private final Database database;
  private final WriteMetrics metrics;
  private final Map<String, BatchWriter> writers = new ConcurrentHashMap<>();
  private final Set<String> yielding = ConcurrentHashMap.newKeySet();
  private final AtomicLong highest = new AtomicLong();

  /** Redis's time in milliseconds minus that of {@link System#nanoTime()}; 0 while not known. */
  private volatile long redisAheadMillis;

  private volatile boolean open;
  private volatile Runnable queueBell = () -> {};
  private volatile Runnable rowBell = () -> {};
  private volatile long waitingRows;

  /**
   * A mechanism without kinds.
   *
   * @param redisTimeout after which a command is given up
   */
  public WriteBehind(
      WriteBehindConfig config, Duration redisTimeout, Database database, MeterRegistry registry) {
    this.config = config;
    this.redisTimeout = redisTimeout;
    this.database = database;
    this.metrics = new WriteMetrics(registry);
  }

  /**
   * Adds a kind of writes.
   *
   * @param kind name without a colon; it is in the queue, so it never changes
   */
  public void register(String kind, BatchWriter writer) {
    writers.put(kind, writer);
    metrics.kind(kind);
  }

  /** As {@link #register}, of a kind that leaves half of the room to the others. */
  public void registerYielding(String kind, BatchWriter writer) {
    yielding.add(kind);
    register(kind, writer);
  }

  /** Begins to apply; every kind must be registered. */
  public void open() {
    open = true;
    ringQueue();
    ringRows();
  }

  /** The entrance for the context of {@code redis}. */
  public WriteQueue queue(Vertx vertx, RedisClient redis) {
    return new WriteQueue(vertx, this, new WriteStream(redis), database);
  }

  WriteBehindConfig config() {
    return config;
  }

  WriteMetrics metrics() {
    return metrics;
  }

  /** Null for a kind that this process does not know. */
  BatchWriter writer(String kind) {
    return writers.get(kind);
  }

  Set<String> kinds() {
    return writers.keySet();
  }

  /** How many writes of all kinds may wait for one more of {@code kind} to be accepted. */
  int mostWaiting(String kind) {
    return yielding.contains(kind) ? config.maxWaiting() / 2 : config.maxWaiting();
  }

  /** A version that was given by anybody; those that this process gives will be above. */
  void saw(long version) {
    highest.accumulateAndGet(version, Math::max);
  }

  long highestVersion() {
    return highest.get();
  }

  void redisTime(long millis) {
    redisAheadMillis = millis - nanoMillis();
  }

  /**
   * The time of Redis, in milliseconds, after which a command that is sent now must not be run any
   * more, because the caller has given it up; 0 while that is not known.
   */
  long deadline() {
    long ahead = redisAheadMillis;
    return ahead == 0 ? 0 : ahead + nanoMillis() + redisTimeout.toMillis();
  }

  /**
   * How long it is until Redis gives higher versions than {@code version}, in milliseconds: at most
   * the time that a command has, 0 while the time of Redis is not known.
   */
  long untilRedisIsPast(long version) {
    long ahead = redisAheadMillis;
    if (ahead == 0) {
      return 0;
    }
    long wait = Version.millis(version) + 1 - (ahead + nanoMillis());
    return Math.max(0, Math.min(wait, redisTimeout.toMillis() + 2));
  }

  /** Tells the one who applies that something is in the queue. */
  void ringQueue() {
    if (open) {
      queueBell.run();
    }
  }

  /** As {@link #ringQueue}, for what was accepted the durable way. */
  void ringRows() {
    if (open) {
      rowBell.run();
    }
  }

  void bells(Runnable forQueue, Runnable forRows) {
    queueBell = forQueue;
    rowBell = forRows;
  }

  /** Rows of the durable way that waited when they were counted last. */
  long waitingRows() {
    return waitingRows;
  }

  void waitingRows(long rows) {
    waitingRows = rows;
  }

  private static long nanoMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
