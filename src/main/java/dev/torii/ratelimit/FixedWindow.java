package dev.torii.ratelimit;

import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import io.vertx.redis.client.Response;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/**
 * Counts by a plain number for each window of the clock, which other services read and raise too.
 * At the border of two windows twice the limit can be admitted in a short time. Memory is one
 * number a subject. The window is the process's clock's, as it is for the other services.
 */
final class FixedWindow implements Counting {
  private static final LuaScript TAKE = LuaScript.load("fixed-window");
  private static final LuaScript RETURN = LuaScript.load("fixed-window-return");
  private static final LuaScript REWARD = LuaScript.load("fixed-window-reward");
  private static final LuaScript STATE = LuaScript.load("fixed-window-state");

  private final Clock clock;

  /** The name of a window that was asked for last; names are dear to make. */
  private volatile Window last = new Window(0, 0, "");

  FixedWindow(Clock clock) {
    this.clock = clock;
  }

  @Override
  public String key(Rule rule, String subject) {
    long millis = rule.windowMillis();
    long start = clock.millis() / millis * millis;
    Window window = last;
    if (window.start != start || window.millis != millis) {
      window = new Window(start, millis, Keys.window(Instant.ofEpochMilli(start), millis));
      last = window;
    }
    return Keys.fixedWindow(subject, rule.endpoint(), window.name);
  }

  @Override
  public RedisCall take(Rule rule, String key, int limit, int cost, String event) {
    return RedisCall.script(
            Area.LIMITS,
            TAKE,
            List.of(key),
            rule.windowMillis() / 1000,
            limit,
            cost,
            millisLeft(rule))
        .once();
  }

  @Override
  public RedisCall giveBack(
      Rule rule, String key, int limit, int cost, String event, Response taken) {
    return RedisCall.script(Area.LIMITS, RETURN, List.of(key), cost).once();
  }

  @Override
  public RedisCall reward(Rule rule, String key, int limit, int slots) {
    return RedisCall.script(Area.LIMITS, REWARD, List.of(key), slots).once();
  }

  @Override
  public RedisCall state(Rule rule, String key, int limit) {
    return RedisCall.script(Area.LIMITS, STATE, List.of(key), millisLeft(rule));
  }

  private long millisLeft(Rule rule) {
    return rule.windowMillis() - clock.millis() % rule.windowMillis();
  }

  private record Window(long start, long millis, String name) {}
}
