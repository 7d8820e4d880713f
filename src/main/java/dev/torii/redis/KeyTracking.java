package dev.torii.redis;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which keys of the cache this process wants to hear of, and until when it may rely on hearing of
 * every change.
 *
 * <p>{@link #watch} is for the time before the {@link RedisVerticle} starts; the rest may be called
 * from any thread.
 */
public final class KeyTracking {
  private final List<Watch> watches = new ArrayList<>();
  private final Set<KeyListener> listeners = new LinkedHashSet<>();
  private volatile boolean heard;

  /** In {@link System#nanoTime}; means nothing unless {@link #heard}. */
  private volatile long heardUntilNanos;

  /** Tells {@code listener} of every change of a key that begins with {@code prefix}. */
  public void watch(String prefix, KeyListener listener) {
    watches.add(new Watch(prefix, listener));
    listeners.add(listener);
  }

  /**
   * Whether every change was heard that is older than {@link RedisTracking#LEASE}. What is kept of
   * watched keys may only be used while this is true, asked each time: a process that was stopped
   * for a while, or a link into nothing, is not told that it has missed something.
   */
  public boolean isReliable() {
    return heard && System.nanoTime() - heardUntilNanos < 0;
  }

  /** What the server is asked to report; it accepts no prefix that begins with another. */
  List<String> prefixes() {
    List<String> all = watches.stream().map(Watch::prefix).distinct().toList();
    return all.stream()
        .filter(
            prefix ->
                all.stream().noneMatch(other -> !other.equals(prefix) && prefix.startsWith(other)))
        .toList();
  }

  boolean isEmpty() {
    return watches.isEmpty();
  }

  void changed(String key) {
    for (Watch watch : watches) {
      if (key.startsWith(watch.prefix)) {
        watch.listener.changed(key);
      }
    }
  }

  /** The link was lost, or the server dropped all keys at once. */
  void gap() {
    listeners.forEach(KeyListener::gap);
  }

  void reliableUntil(long nanos) {
    heardUntilNanos = nanos;
    heard = true;
  }

  void unreliable() {
    heard = false;
  }

  private record Watch(String prefix, KeyListener listener) {}
}
