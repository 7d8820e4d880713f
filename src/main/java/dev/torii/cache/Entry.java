package dev.torii.cache;

import io.vertx.core.buffer.Buffer;

/**
 * A valid entry as an answer may carry it.
 *
 * @param json the JSON object without the generation but with {@code cached_at} at its end if Torii
 *     stored it; null for a remembered absence
 * @param cachedAt null when the entry does not say
 */
record Entry(Buffer json, String cachedAt) {
  static final Entry NOTHING = new Entry(null, null);

  boolean isNothing() {
    return json == null;
  }

  Loaded loaded(boolean stale) {
    return new Loaded(json, true, stale, cachedAt);
  }
}
