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
  private final Found known;

  private Lookup(Cache<K> cache, K id, String key, Found known) {
    this.cache = cache;
    this.id = id;
    this.key = key;
    this.known = known;
  }

  /** Asks Redis. */
  static <K> Lookup<K> asking(Cache<K> cache, K id, String key) {
    return new Lookup<>(cache, id, key, null);
  }

  /** Has the answer already, and counted it. */
  static <K> Lookup<K> knowing(Cache<K> cache, K id, String key, Found known) {
    return new Lookup<>(cache, id, key, known);
  }

  /** What to send; null when nothing is to be asked. */
  public RedisCall call() {
    return known == null ? cache.read(key) : null;
  }

  /**
   * What was found, counted.
   *
   * @param answer to the call, ignored when there was none
   */
  public Found read(RedisResult answer) {
    return known == null ? cache.found(id, key, answer) : known;
  }
}
