package dev.torii.testing;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Fills a Redis beyond a small limit of memory, so that it must evict keys. */
public final class RedisFiller implements AutoCloseable {
  private static final String FILLING = "x".repeat(20_000);

  /** What the server may grow by before it evicts. */
  private static final long ROOM_BYTES = 1_000_000;

  private static final int MOST_FILLINGS = 5_000;

  private final RedisProbe redis;
  private Thread filling;
  private volatile boolean over;

  private RedisFiller(RedisProbe redis) {
    this.redis = redis;
  }

  /**
   * Limits the memory to little more than is used.
   *
   * @param policy which keys leave, for example {@code allkeys-lru}
   */
  public static RedisFiller of(RedisProbe redis, String policy) throws IOException {
    String prefix = "used_memory:";
    long used =
        redis
            .text("INFO", "memory")
            .lines()
            .filter(line -> line.startsWith(prefix))
            .mapToLong(line -> Long.parseLong(line.substring(prefix.length()).strip()))
            .sum();
    redis.ask("CONFIG", "SET", "maxmemory-policy", policy);
    redis.ask("CONFIG", "SET", "maxmemory", Long.toString(used + ROOM_BYTES));
    return new RedisFiller(redis);
  }

  /**
   * Fills until no key of a revoked access token is left.
   *
   * @throws AssertionError when some always are
   */
  public void evictRevocations() throws IOException {
    for (int i = 0; i < MOST_FILLINGS; i++) {
      if (i % 20 == 0 && redis.keys("blacklist:access:*").isEmpty()) {
        return;
      }
      fill(i);
    }
    throw new AssertionError("left: " + redis.keys("blacklist:access:*").size());
  }

  /** Goes on filling until it is closed. */
  public void evictAllTheTime() {
    filling = new Thread(this::fillAllTheTime, "redis-filler");
    filling.setDaemon(true);
    filling.start();
  }

  /** Ends all and takes the limit away; what was filled in stays for a flush. */
  @Override
  public void close() throws IOException {
    over = true;
    try {
      if (filling != null) {
        filling.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    redis.ask("CONFIG", "SET", "maxmemory", "0");
    redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
  }

  private void fillAllTheTime() {
    try {
      for (int i = 0; !over; i++) {
        fill(i);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void fill(int number) throws IOException {
    redis.ask("SET", "filling:" + number, FILLING);
  }
}
