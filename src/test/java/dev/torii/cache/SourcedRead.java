package dev.torii.cache;

import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** One read of a cache in tests that brings its own source along. */
record SourcedRead(String key, Supplier<Future<Buffer>> source) {
  static final AppConfig CONFIG = defaults();

  /** A cache whose ids tell where they are loaded from. */
  static CacheSpec<SourcedRead> spec() {
    return new CacheSpec<>(
        "test", SourcedRead::key, CONFIG.caches().profiles(), SourcedRead::loadAll);
  }

  /** What a process has of its caches. */
  static Caches caches(StaleEntries stale, MeterRegistry registry) {
    return new Caches(CONFIG.cache(), stale, Clock.systemUTC(), registry);
  }

  /** Something of which only the key matters. */
  static SourcedRead of(String key) {
    return new SourcedRead(key, () -> Future.failedFuture("nobody loads this"));
  }

  private static Future<Map<SourcedRead, Buffer>> loadAll(Collection<SourcedRead> reads) {
    Map<SourcedRead, Buffer> found = new HashMap<>();
    Future<?> all = Future.succeededFuture();
    for (SourcedRead read : reads) {
      Future<Buffer> one =
          read.source
              .get()
              .onSuccess(
                  value -> {
                    if (value != null) {
                      found.put(read, value);
                    }
                  });
      all = all.compose(before -> one);
    }
    return all.map(done -> found);
  }

  private static AppConfig defaults() {
    try {
      return ConfigBinder.of(Map.of());
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }
}
