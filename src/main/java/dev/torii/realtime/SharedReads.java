package dev.torii.realtime;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads that many ask for at once. Who asks while one is under way shares the next, never that one:
 * it may have seen what is older than the question.
 */
final class SharedReads<K, V> {
  private final Function<K, Future<V>> reader;

  /** Of each read under way those who wait for the one after it; null when nobody does. */
  private final Map<K, Promise<V>> waiting = new HashMap<>();

  SharedReads(Function<K, Future<V>> reader) {
    this.reader = reader;
  }

  /** What a read gives that begins after this call. */
  Future<V> read(K key) {
    if (!waiting.containsKey(key)) {
      return start(key);
    }
    return waiting.compute(key, (k, next) -> next == null ? Promise.promise() : next).future();
  }

  private Future<V> start(K key) {
    waiting.put(key, null);
    return Future.succeededFuture(key)
        .compose(reader)
        .onComplete(
            read -> {
              Promise<V> next = waiting.remove(key);
              if (next != null) {
                start(key).onComplete(next);
              }
            });
  }
}
