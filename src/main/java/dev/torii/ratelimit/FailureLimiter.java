package dev.torii.ratelimit;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.config.Limit.WhenRedisIsAway;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts failures of tries whose outcome is known only later: exact over all processes, also when
 * many try at once.
 *
 * <p>A try takes a slot before it is made, and that slot counts as a failure unless it is given
 * back. Like {@link RateLimiter} this class asks nobody itself: it gives the calls that belong into
 * the caller's waves. A slot can free at any moment, so no refusal is remembered. Without Redis
 * this process counts alone, and goes on from the failures that it has seen itself.
 */
public final class FailureLimiter {
  private static final LuaScript BEGIN = LuaScript.load("failures-begin");
  private static final LuaScript SETTLE = LuaScript.load("failures-settle");
  private static final LuaScript STATE = LuaScript.load("failures-state");

  private final LocalFailures local;
  private final String process =
      Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), Character.MAX_RADIX) + "-";
  private final AtomicLong events = new AtomicLong();

  public FailureLimiter() {
    this(Ticker.systemTicker());
  }

  FailureLimiter(Ticker ticker) {
    this.local = new LocalFailures(ticker);
  }

  /**
   * Begins a try.
   *
   * @param subject whose failures are counted, at most 200 bytes
   */
  public Attempt begin(FailureRule rule, String subject) {
    String event = process + Long.toString(events.getAndIncrement(), Character.MAX_RADIX);
    return new Attempt(rule, Keys.slidingLog(subject, rule.rule().endpoint()), event);
  }

  /**
   * Reads a count: {@code {used, milliseconds until one leaves, milliseconds until the next try}}.
   */
  public RedisCall state(FailureRule rule, String subject) {
    return RedisCall.script(
        Area.LIMITS,
        STATE,
        List.of(Keys.slidingLog(subject, rule.rule().endpoint())),
        rule.rule().windowMillis(),
        rule.rule().limit(),
        rule.freeFailures(),
        rule.firstWaitMillis());
  }

  /** Forgets in this process what was counted for a subject, and for subjects made with it. */
  public void forget(String subject) {
    local.forget(subject);
  }

  /** One try on its way past one rule. */
  public final class Attempt {
    private final FailureRule rule;
    private final String key;
    private final String event;

    private Attempt(FailureRule rule, String key, String event) {
      this.rule = rule;
      this.key = key;
      this.event = event;
    }

    /** Takes a slot, if there is one. */
    public RedisCall call() {
      return RedisCall.script(
          Area.LIMITS,
          BEGIN,
          List.of(key),
          rule.rule().windowMillis(),
          rule.rule().limit(),
          event,
          rule.freeFailures(),
          rule.firstWaitMillis());
    }

    /**
     * Reads the answer to {@link #call()}.
     *
     * @throws Failure UNAVAILABLE when Redis could not be asked and the rule is closed then
     */
    public FailureVerdict decide(RedisResult answer) {
      if (answer.failed()) {
        return withoutRedis();
      }
      Response fields = answer.value();
      return new FailureVerdict(
          rule.rule(),
          fields.get(0).toInteger() == 1,
          fields.get(1).toInteger(),
          fields.get(2).toLong(),
          fields.get(3).toInteger() == 1);
    }

    /**
     * Gives the slot back: here at once, in Redis by the call, which belongs there also when Redis
     * gave no answer, because it may have counted all the same.
     */
    public RedisCall giveBack() {
      local.remove(key, event);
      return RedisCall.of(Area.LIMITS, Command.ZREM, key, "~" + event);
    }

    /** Makes the slot a failure for good: here at once, in Redis by the call. */
    public RedisCall fail() {
      local.settle(rule, key, event);
      return RedisCall.script(Area.LIMITS, SETTLE, List.of(key), event);
    }

    private FailureVerdict withoutRedis() {
      if (rule.rule().whenRedisIsAway() == WhenRedisIsAway.CLOSED) {
        throw Failure.of(ErrorCode.UNAVAILABLE, "Failures cannot be counted right now");
      }
      return local.begin(rule, key, event);
    }
  }
}
