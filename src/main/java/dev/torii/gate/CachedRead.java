package dev.torii.gate;

import dev.torii.cache.Cache;
import dev.torii.cache.Lookup;
import dev.torii.http.Exchange;
import java.util.function.Function;

/** The cache entry that a route wants to find in the gate's wave. */
record CachedRead<K>(Cache<K> cache, Function<Exchange, K> id) {
  Lookup<K> lookup(Exchange exchange) {
    return cache.lookup(id.apply(exchange));
  }
}
