package dev.torii.cache;

import dev.torii.config.AppConfig.CacheOptions;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;

/**
 * What a feature declares of a cache; the mechanism does the rest.
 *
 * @param name of the cache in metrics, configuration and for operators
 * @param key key of an entry in Redis, made by {@link dev.torii.redis.Keys}
 * @param options of the configuration
 * @param loader reads many things from PostgreSQL with one statement, each as a JSON object; what
 *     it leaves out does not exist
 */
public record CacheSpec<K>(
    String name,
    Function<K, String> key,
    CacheOptions options,
    Function<Collection<K>, Future<Map<K, Buffer>>> loader) {}
