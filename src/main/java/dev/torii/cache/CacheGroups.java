package dev.torii.cache;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisClient;
import io.vertx.core.Future;
import java.util.List;

/** Groups of entries for programs that keep no cache themselves. */
public final class CacheGroups {
  private static final LuaScript NEXT = LuaScript.load("cache-group");

  private CacheGroups() {}

  /**
   * Drops every entry of a group in one step, for all processes.
   *
   * @param group also the name of a cache, for all of it
   * @return fails when Redis is away, and then nothing is dropped
   */
  public static Future<Void> drop(RedisClient redis, String group) {
    List<String> key = List.of(Keys.groupGeneration(group));
    return redis.send(RedisCall.script(Area.CACHE, NEXT, key, 1)).mapEmpty();
  }
}
