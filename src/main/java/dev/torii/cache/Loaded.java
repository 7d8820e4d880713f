package dev.torii.cache;

import io.vertx.core.buffer.Buffer;

/**
 * What a cache or its source gave.
 *
 * @param json the JSON object as its loader made it, with {@code cached_at} at its end when it came
 *     from the cache; null when there is none
 * @param cached whether it came from the cache
 * @param stale whether there may be a later one, because the source or a part of it is away or slow
 * @param cachedAt when it was stored, null when it was not or does not say
 */
public record Loaded(Buffer json, boolean cached, boolean stale, String cachedAt) {
  /** What does not come from a cache. */
  public static Loaded fresh(Buffer json) {
    return new Loaded(json, false, false, null);
  }
}
