package dev.torii.ratelimit;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import io.vertx.redis.client.Response;
import java.util.List;

/**
 * Counts by two numbers, of this window and of the one before, which is taken in part. Right when
 * requests come evenly; when they come in bursts, up to twice the limit can be in a window. Memory
 * is one small hash a subject. Time is the Redis server's.
 */
final class SlidingWindow implements Counting {
  private static final LuaScript TAKE = LuaScript.load("sliding-window");
  private static final LuaScript RETURN = LuaScript.load("sliding-window-return");
  private static final LuaScript REWARD = LuaScript.load("sliding-window-reward");
  private static final LuaScript STATE = LuaScript.load("sliding-window-state");

  @Override
  public String key(Rule rule, String subject) {
    return Keys.slidingWindow(subject, rule.endpoint());
  }

  @Override
  public RedisCall take(Rule rule, String key, int limit, int cost, String event) {
    return RedisCall.script(Area.LIMITS, TAKE, List.of(key), rule.windowMillis(), limit, cost)
        .once();
  }

  @Override
  public RedisCall giveBack(
      Rule rule, String key, int limit, int cost, String event, Response taken) {
    return RedisCall.script(Area.LIMITS, RETURN, List.of(key), taken.get(3).toLong(), cost).once();
  }

  @Override
  public RedisCall reward(Rule rule, String key, int limit, int slots) {
    return RedisCall.script(Area.LIMITS, REWARD, List.of(key), rule.windowMillis(), slots).once();
  }

  @Override
  public RedisCall state(Rule rule, String key, int limit) {
    return RedisCall.script(Area.LIMITS, STATE, List.of(key), rule.windowMillis());
  }
}
