package dev.torii.cache;

import dev.torii.config.CacheOptions;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What a feature declares of a cache; the mechanism does the rest.
 *
 * @param name of the cache in metrics, configuration and for operators
 * @param key key of an entry in Redis, made by {@link dev.torii.redis.Keys}
 * @param options of the configuration
 * @param loader reads many things from PostgreSQL with one statement, each as a JSON object; what
 *     it leaves out does not exist
 * @param groups each is dropped as a whole in one step; the first is the cache itself
 * @param parse the id that a text names, null for none; how operators name one entry
 * @param ofUsers whether an id is a user's
 * @param keyPrefix what every key begins with; null when there is no such text, and then nothing
 *     can be kept in memory
 * @param form whether a JSON object is an entry of this cache; what another service wrote and is
 *     none is loaded again
 */
public record CacheSpec<K>(
    String name,
    Function<K, String> key,
    CacheOptions options,
    Function<Collection<K>, Future<Map<K, Buffer>>> loader,
    List<String> groups,
    Function<String, K> parse,
    boolean ofUsers,
    String keyPrefix,
    Predicate<Buffer> form) {
  private static final UUID NOBODY = new UUID(0, 0);
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /** Refuses what would silently not be done. */
  public CacheSpec {
    if (keyPrefix == null && options.l1Entries() > 0) {
      throw new IllegalArgumentException(
          "caches." + name + ".l1Entries: the keys of this cache have no beginning of their own");
    }
  }

  /** A cache in no further group, of which operators can only drop all entries. */
  public CacheSpec(
      String name,
      Function<K, String> key,
      CacheOptions options,
      Function<Collection<K>, Future<Map<K, Buffer>>> loader) {
    this(name, key, options, loader, List.of(name), text -> null, false, null, json -> true);
  }

  /** A cache with one entry a user. */
  public static CacheSpec<UUID> ofUsers(
      String name,
      Function<UUID, String> key,
      CacheOptions options,
      Function<Collection<UUID>, Future<Map<UUID, Buffer>>> loader) {
    String prefix = key.apply(NOBODY).replace(NOBODY.toString(), "");
    return new CacheSpec<>(
        name, key, options, loader, List.of(name), CacheSpec::userId, true, prefix, json -> true);
  }

  private static UUID userId(String text) {
    return UUID_FORM.matcher(text).matches() ? UUID.fromString(text) : null;
  }

  /** The same cache in one group more. */
  public CacheSpec<K> inGroup(String group) {
    List<String> more = new ArrayList<>(groups);
    more.add(group);
    return new CacheSpec<>(
        name, key, options, loader, List.copyOf(more), parse, ofUsers, keyPrefix, form);
  }

  /** The same cache, whose entries all begin with {@code text}. */
  public CacheSpec<K> beginningWith(String text) {
    byte[] beginning = text.getBytes(StandardCharsets.UTF_8);
    return new CacheSpec<>(
        name,
        key,
        options,
        loader,
        groups,
        parse,
        ofUsers,
        keyPrefix,
        json -> CachedJson.beginsWith(json, beginning));
  }
}
