package dev.torii.cache;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that an entry, or a group of them, that was changed leaves Redis, also when that is
 * away for a moment.
 */
final class EntryDrops {
  private static final Logger LOG = LoggerFactory.getLogger(EntryDrops.class);

  /** How long the writer of a value waits for a broken link before its write is acknowledged. */
  private static final Duration INSISTENCE = Duration.ofMillis(400);

  private static final long FIRST_PAUSE_MILLIS = 60;

  /** Entries that are tried again at once; more would fill the queue of commands. */
  private static final int PORTION = 250;

  private final Vertx vertx;
  private final StaleEntries stale;
  private final Function<String, Future<Void>> drop;

  /** What could not be dropped yet. */
  private final Set<String> waiting = new LinkedHashSet<>();

  private boolean retrying;

  /**
   * @param drop removes what stands under a key
   */
  EntryDrops(Vertx vertx, StaleEntries stale, Function<String, Future<Void>> drop) {
    this.vertx = vertx;
    this.stale = stale;
    this.drop = drop;
  }

  /** From now on this process does not read the entry. */
  void begin(String key) {
    stale.add(key);
  }

  /** What stands there now may be read again. */
  void done(String key) {
    waiting.remove(key);
    stale.remove(key);
  }

  /**
   * Drops an entry.
   *
   * @return fails when it gave up after a while, and then the entry is dropped when Redis is back
   */
  Future<Void> drop(String key) {
    long giveUpAt = System.nanoTime() + INSISTENCE.toNanos();
    return once(key)
        .recover(t -> again(key, FIRST_PAUSE_MILLIS, giveUpAt))
        .onFailure(t -> LOG.warn("A cache entry waits for Redis to be dropped"));
  }

  /** Tries all once more that could not be dropped, a portion at a time until one fails. */
  void again() {
    if (retrying || waiting.isEmpty()) {
      return;
    }
    retrying = true;
    Future.join(waiting.stream().limit(PORTION).map(this::once).toList())
        .onSuccess(
            dropped -> {
              retrying = false;
              again();
            })
        .onFailure(
            t -> {
              retrying = false;
              LOG.debug("Cache entries still wait for Redis", t);
            });
  }

  private Future<Void> once(String key) {
    return drop.apply(key)
        .onSuccess(dropped -> done(key))
        .onFailure(
            t -> {
              waiting.remove(key); // to the end, so that others get their turn
              waiting.add(key);
              stale.add(key); // another drop of it may have succeeded meanwhile
            });
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
