package dev.torii.gate;

import dev.torii.cache.Cache;
import dev.torii.cache.Found;
import dev.torii.cache.Lookup;
import dev.torii.failure.Failure;
import dev.torii.http.Exchange;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import java.util.List;
import java.util.function.Function;

/** The cache entry that a route wants to find in the gate's wave. */
record CachedRead<K>(Cache<K> cache, Function<Exchange, K> id) implements GateRead {
  /** Null for a malformed request: all its faults are told when it is held against the contract. */
  @Override
  public Asked ask(Exchange exchange) {
    K asked;
    try {
      asked = id.apply(exchange);
    } catch (Failure malformed) {
      return null;
    }
    return new Entry(cache.lookup(asked));
  }

  /** The read of one entry, which may be known in memory. */
  private record Entry(Lookup<?> lookup) implements Asked {
    @Override
    public void addTo(List<RedisCall> wave) {
      RedisCall call = lookup.call();
      if (call != null) {
        wave.add(call);
      }
    }

    @Override
    public void show(Exchange exchange, List<RedisResult> answers, int from) {
      Found found = lookup.read(from < answers.size() ? answers.get(from) : null);
      exchange.cached(found.outcome(), found.json(), found.cachedAt());
    }
  }
}
