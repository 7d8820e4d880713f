package dev.torii.redis;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Which keys of the cache this process wants to hear of, and until when it may rely on hearing of
 * every change. May be used from any thread.
 */
public final class KeyTracking {
  private final List<Watch> watches = new CopyOnWriteArrayList<>();
  private Runnable whenWatched = () -> {};
  private volatile boolean heard;

  /** In {@link System#nanoTime}; means nothing unless {@link #heard}. */
  private volatile long heardUntilNanos;

  /**
   * Tells {@code listener} of every change of a key that begins with {@code prefix}, and of every
   * time at which changes may have been missed.
   */
  public synchronized void watch(String prefix, KeyListener listener) {
    watches.add(new Watch(prefix, listener));
    heard = false; // until the server was asked for this prefix too
    whenWatched.run();
  }

  /**
   * Whether every change was heard that is older than {@link RedisTracking#LEASE}. What is kept of
   * watched keys may only be used while this is true, asked each time: a process that was stopped
   * for a while, or a link into nothing, is not told that it has missed something.
   */
  public boolean isReliable() {
    return heard && System.nanoTime() - heardUntilNanos < 0;
  }

  /** Runs {@code start} now if anything is watched, and with each further watch. */
  synchronized void whenWatched(Runnable start) {
    whenWatched = start;
    if (!watches.isEmpty()) {
      start.run();
    }
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

  void changed(String key) {
    for (Watch watch : watches) {
      if (key.startsWith(watch.prefix)) {
        watch.listener.changed(key);
      }
    }
  }

  /** The link was lost, or the server dropped all keys at once. */
  void gap() {
    watches.stream().map(Watch::listener).distinct().forEach(KeyListener::gap);
  }

  /** Changes of keys with these prefixes are heard, if that is still what is watched. */
  synchronized void reliableUntil(long nanos, List<String> asked) {
    if (asked.equals(prefixes())) {
      heardUntilNanos = nanos;
      heard = true;
    }
  }

  void unreliable() {
    heard = false;
  }

  private record Watch(String prefix, KeyListener listener) {}
}
