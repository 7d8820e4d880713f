package dev.torii.redis;

/** Hears that keys were changed by anybody; called on one thread, and must not block it. */
public interface KeyListener {
  /** The key was written, deleted, expired or evicted. */
  void changed(String key);

  /** Any key may have changed without a word. */
  void gap();
}
