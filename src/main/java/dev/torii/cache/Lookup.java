package dev.torii.cache;

import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;

/**
 * One read of one entry on the hot path: its call goes into the wave of the gate, and its answer is
 * read here. What is known in memory needs no call.
 */
public final class Lookup<K> {
  private final Cache<K> cache;
  private final K id;
  private final String key;
  private final Source source;

  /** Null when the answer is not to be kept in memory. */
  private final MemoryLevel.Ticket<Found> ticket;

  /** Who has the answer. */
  private enum Source {
    REDIS,
    MEMORY,
    NOBODY
  }

  private Lookup(
      Cache<K> cache, K id, String key, Source source, MemoryLevel.Ticket<Found> ticket) {
    this.cache = cache;
    this.id = id;
    this.key = key;
    this.source = source;
    this.ticket = ticket;
  }

  /** Asks Redis. */
  static <K> Lookup<K> asking(Cache<K> cache, K id, String key, MemoryLevel.Ticket<Found> ticket) {
    return new Lookup<>(cache, id, key, Source.REDIS, ticket);
  }

  /** Has the answer in memory. */
  static <K> Lookup<K> kept(Cache<K> cache, K id, String key) {
    return new Lookup<>(cache, id, key, Source.MEMORY, null);
  }

  /** Leaves the cache out; counted already. */
  static <K> Lookup<K> bypassing(Cache<K> cache, K id, String key) {
    return new Lookup<>(cache, id, key, Source.NOBODY, null);
  }

  /** What to send; null when nothing is to be asked. */
  public RedisCall call() {
    return source == Source.REDIS ? cache.read(key) : null;
  }

  /**
   * What was found, counted.
   *
   * @param answer to the call, ignored when there was none
   */
  public Found read(RedisResult answer) {
    return switch (source) {
      case REDIS -> cache.found(id, key, ticket, answer);
      case MEMORY -> cache.foundInMemory(id, key);
      case NOBODY -> Found.BYPASS;
    };
  }
}
