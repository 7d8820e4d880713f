package dev.torii.gate;

import dev.torii.cache.Cache;
import dev.torii.cache.Lookup;
import dev.torii.failure.Failure;
import dev.torii.http.Exchange;
import java.util.function.Function;

/** The cache entry that a route wants to find in the gate's wave. */
record CachedRead<K>(Cache<K> cache, Function<Exchange, K> id) {
  /** Null for a malformed request: all its faults are told when it is held against the contract. */
  Lookup<K> lookup(Exchange exchange) {
    K asked;
    try {
      asked = id.apply(exchange);
    } catch (Failure malformed) {
      return null;
    }
    return cache.lookup(asked);
  }
}
