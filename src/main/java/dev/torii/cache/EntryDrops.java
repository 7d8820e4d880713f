package dev.torii.cache;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to it that an entry that was changed leaves Redis, also when that is away for a moment. */
final class EntryDrops {
  private static final Logger LOG = LoggerFactory.getLogger(EntryDrops.class);

  /** How long the writer of a value waits for a broken link before its write is acknowledged. */
  private static final Duration INSISTENCE = Duration.ofMillis(400);

  private static final long FIRST_PAUSE_MILLIS = 60;

  private final Vertx vertx;
  private final EntryStore store;
  private final StaleEntries stale;

  EntryDrops(Vertx vertx, EntryStore store, StaleEntries stale) {
    this.vertx = vertx;
    this.store = store;
    this.stale = stale;
  }

  /** From now on this process does not read the entry. */
  void begin(String key) {
    stale.add(key);
  }

  /** What stands there now may be read again. */
  void done(String key) {
    stale.remove(key);
  }

  /** Drops an entry; gives up after a while, and then it is dropped when Redis is back. */
  Future<Void> drop(String key) {
    long giveUpAt = System.nanoTime() + INSISTENCE.toNanos();
    return once(key)
        .recover(t -> again(key, FIRST_PAUSE_MILLIS, giveUpAt))
        .otherwise(
            t -> {
              LOG.warn("A cache entry waits for Redis to be dropped");
              return null;
            });
  }

  /** Tries all once more that could not be dropped. */
  void again() {
    for (String key : stale.all()) {
      once(key).onFailure(t -> LOG.debug("A cache entry still waits for Redis", t));
    }
  }

  private Future<Void> once(String key) {
    return store
        .drop(key)
        .onSuccess(dropped -> stale.remove(key))
        .onFailure(t -> stale.add(key)); // another drop of it may have succeeded meanwhile
  }

  private Future<Void> again(String key, long pauseMillis, long giveUpAt) {
    return vertx
        .timer(pauseMillis)
        .compose(waited -> once(key))
        .recover(
            t ->
                System.nanoTime() - giveUpAt < 0
                    ? again(key, pauseMillis * 2, giveUpAt)
                    : Future.failedFuture(t));
  }
}
