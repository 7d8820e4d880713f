package dev.torii.ratelimit;

import java.util.concurrent.atomic.AtomicReference;

/** The rules in force. Shared by all event loops; who keeps what it made of them looks again. */
public final class LiveRules {
  private final AtomicReference<Rules> current;

  public LiveRules(Rules first) {
    this.current = new AtomicReference<>(first);
  }

  /** The rules of this moment: the same object until they are replaced. */
  public Rules now() {
    return current.get();
  }

  /** Puts other rules in force; requests under way end under the old ones. */
  public void replace(Rules next) {
    current.set(next);
  }
}
