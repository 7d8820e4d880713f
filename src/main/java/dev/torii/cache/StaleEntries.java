package dev.torii.cache;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Entries that this process changed in PostgreSQL but could not drop from Redis. They are not read
 * from the cache until they were dropped. Shared by all event loops.
 */
public final class StaleEntries {
  private final Set<String> keys = ConcurrentHashMap.newKeySet();

  /** Whether the cached entry may be older than what this process wrote. */
  public boolean contains(String key) {
    return !keys.isEmpty() && keys.contains(key);
  }

  void add(String key) {
    keys.add(key);
  }

  void remove(String key) {
    keys.remove(key);
  }

  /** What must be dropped when Redis answers again. */
  Set<String> all() {
    return Set.copyOf(keys);
  }
}
