package dev.torii.ratelimit;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import io.vertx.redis.client.Response;
import java.util.List;

/**
 * Counts by what has not flowed off yet: the limit may come at once and then flows off evenly, so a
 * window can hold almost twice the limit, and no two windows more than three times. Memory is two
 * numbers a subject, what is left and when that was so: a time at which all will have flowed off
 * would be one, but has no room for fractions of a microsecond. Time is the Redis server's.
 *
 * @see <a href="https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm">GCRA</a>
 */
final class Gcra implements Counting {
  private static final LuaScript TAKE = LuaScript.load("gcra");
  private static final LuaScript RETURN = LuaScript.load("gcra-return");
  private static final LuaScript REWARD = LuaScript.load("gcra-reward");
  private static final LuaScript STATE = LuaScript.load("gcra-state");

  @Override
  public String key(Rule rule, String subject) {
    return Keys.gcra(subject, rule.endpoint());
  }

  @Override
  public RedisCall take(Rule rule, String key, int limit, int cost, String event) {
    return RedisCall.script(Area.LIMITS, TAKE, List.of(key), rule.windowMillis(), limit, cost)
        .once();
  }

  @Override
  public RedisCall giveBack(
      Rule rule, String key, int limit, int cost, String event, Response taken) {
    return RedisCall.script(
            Area.LIMITS,
            RETURN,
            List.of(key),
            rule.windowMillis(),
            limit,
            cost,
            taken.get(3).toLong())
        .once();
  }

  @Override
  public RedisCall reward(Rule rule, String key, int limit, int slots) {
    return RedisCall.script(Area.LIMITS, REWARD, List.of(key), rule.windowMillis(), limit, slots)
        .once();
  }

  @Override
  public RedisCall state(Rule rule, String key, int limit) {
    return RedisCall.script(Area.LIMITS, STATE, List.of(key), rule.windowMillis(), limit);
  }
}
