package dev.torii.cache;

import dev.torii.http.CacheOutcome;
import io.vertx.core.buffer.Buffer;

/**
 * What a lookup found.
 *
 * @param json the JSON object that stands in an answer as it is; null unless it is a hit
 * @param cachedAt when it was stored, as it says itself; null when it does not say
 */
public record Found(CacheOutcome outcome, Buffer json, String cachedAt) {
  static final Found MISS = new Found(CacheOutcome.MISS, null, null);
  static final Found NEGATIVE = new Found(CacheOutcome.NEGATIVE, null, null);
  static final Found BYPASS = new Found(CacheOutcome.BYPASS, null, null);
}
