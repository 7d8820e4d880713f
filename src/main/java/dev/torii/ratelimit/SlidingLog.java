package dev.torii.ratelimit;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.List;

/**
 * Counts by a log of what was admitted: exact in every window. Memory is one member of a sorted set
 * for each admitted request, 24 bytes up to 128 of them and about 110 bytes beyond. Time is the
 * Redis server's.
 *
 * @see <a href="https://redis.io/docs/latest/commands/zremrangebyscore/">ZREMRANGEBYSCORE</a>
 */
final class SlidingLog implements Counting {
  private static final LuaScript TAKE = LuaScript.load("sliding-log");
  private static final LuaScript RETURN = LuaScript.load("sliding-log-return");
  private static final LuaScript REWARD = LuaScript.load("sliding-log-reward");
  private static final LuaScript STATE = LuaScript.load("sliding-log-state");

  @Override
  public String key(Rule rule, String subject) {
    return Keys.slidingLog(subject, rule.endpoint());
  }

  @Override
  public RedisCall take(Rule rule, String key, int limit, int cost, String event) {
    return RedisCall.script(
        Area.LIMITS, TAKE, List.of(key), rule.windowMillis(), limit, event, cost);
  }

  @Override
  public RedisCall giveBack(
      Rule rule, String key, int limit, int cost, String event, Response taken) {
    return cost == 1
        ? RedisCall.of(Area.LIMITS, Command.ZREM, key, event)
        : RedisCall.script(Area.LIMITS, RETURN, List.of(key), event, cost);
  }

  @Override
  public RedisCall reward(Rule rule, String key, int limit, int slots) {
    return RedisCall.script(Area.LIMITS, REWARD, List.of(key), rule.windowMillis(), slots).once();
  }

  @Override
  public RedisCall state(Rule rule, String key, int limit) {
    return RedisCall.script(Area.LIMITS, STATE, List.of(key), rule.windowMillis());
  }

  @Override
  public boolean isRepeatable() {
    return true;
  }
}
