package dev.torii.cache;

import io.vertx.core.buffer.Buffer;

/**
 * What a cache or its source gave.
 *
 * @param json the JSON object as its loader made it, with {@code cached_at} at its end when it came
 *     from the cache; null when there is none
 * @param cached whether it came from the cache
 * @param stale whether it is past its life, served because the source is away or slow
 * @param cachedAt when it was stored, null when it was not or does not say
 */
public record Loaded(Buffer json, boolean cached, boolean stale, String cachedAt) {
  static Loaded fresh(Buffer json) {
    return new Loaded(json, false, false, null);
  }
}
