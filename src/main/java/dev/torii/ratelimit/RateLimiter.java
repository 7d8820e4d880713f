package dev.torii.ratelimit;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.redis.Area;
import dev.torii.redis.Keys;
import dev.torii.redis.LuaScript;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decides whether a subject may make one more request: exact in every window, over all processes.
 *
 * <p>Asks nobody itself. It gives the call that belongs into the caller's wave and reads its
 * answer, so that a decision costs no round trip of its own. Memory in Redis is one member (about
 * 70 bytes) for each admitted request in the window. Time is the Redis server's. Shared by all
 * event loops.
 *
 * @see <a href="https://redis.io/docs/latest/commands/zremrangebyscore/">ZREMRANGEBYSCORE</a>
 */
public final class RateLimiter {
  private static final LuaScript SLIDING_LOG = LuaScript.load("sliding-log");
  private static final LuaScript STATE = LuaScript.load("sliding-log-state");
  private static final LuaScript REWARD = LuaScript.load("sliding-log-reward");

  private final DenyMemory denied;
  private final LimitOverrides overrides;
  private final LocalLog local = new LocalLog(Ticker.systemTicker());
  private final String process =
      Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), Character.MAX_RADIX) + "-";
  private final AtomicLong events = new AtomicLong();

  public RateLimiter(DenyMemory denied) {
    this(denied, new LimitOverrides(Clock.systemUTC()));
  }

  /** A limiter that asks {@code overrides} for the limits of single subjects. */
  public RateLimiter(DenyMemory denied, LimitOverrides overrides) {
    this.denied = denied;
    this.overrides = overrides;
  }

  /**
   * Begins to count one request.
   *
   * @param subject a user id or {@code ip:<address>}, at most 200 bytes
   */
  public Attempt begin(Rule rule, String subject) {
    String key = Keys.slidingLog(subject, rule.endpoint());
    LimitOverride override = overrides.find(rule.name(), rule.endpoint(), subject);
    return override == null
        ? new Attempt(rule, key, null)
        : new Attempt(rule.overriddenBy(override), key, override);
  }

  /** Reads how much of a rule a subject has used: {@code {used, milliseconds until one leaves}}. */
  public RedisCall state(Rule rule, String subject) {
    return RedisCall.script(
        Area.LIMITS,
        STATE,
        List.of(Keys.slidingLog(subject, rule.endpoint())),
        rule.windowMillis());
  }

  /** Forgets what a subject has used; {@link #forget} must follow in every process. */
  public RedisCall reset(Rule rule, String subject) {
    return RedisCall.of(Area.LIMITS, Command.UNLINK, Keys.slidingLog(subject, rule.endpoint()));
  }

  /**
   * Gives slots back, the oldest first; {@link #forget} must follow in every process. Answers how
   * many.
   */
  public RedisCall reward(Rule rule, String subject, int slots) {
    return RedisCall.script(
            Area.LIMITS,
            REWARD,
            List.of(Keys.slidingLog(subject, rule.endpoint())),
            rule.windowMillis(),
            slots)
        .once();
  }

  /**
   * Forgets what this process remembers of a counter: the refusal, and what it counted alone.
   *
   * @param key as {@link Keys#slidingLog} makes it
   */
  public void forget(String key) {
    denied.forget(key);
    local.forget(key);
  }

  /** Forgets the refusals of a subject, whose limits have changed. */
  public void forgetRefusals(String subject) {
    denied.forgetSubject(subject);
  }

  /** One request on its way past one rule. */
  public final class Attempt {
    private final Rule rule;
    private final String key;
    private final LimitOverride override;

    private Attempt(Rule rule, String key, LimitOverride override) {
      this.rule = rule;
      this.key = key;
      this.override = override;
    }

    /** The refusal that is already known without asking Redis, null when there is none. */
    public Decision knownRefusal() {
      if (override != null && override.isBlock()) {
        return new Decision(rule, false, 0, overrides.millisLeft(override));
      }
      long wait = denied.waitMillis(key);
      return wait == 0 ? null : new Decision(rule, false, 0, wait);
    }

    /** Counts the request, if it may be admitted. */
    public RedisCall call() {
      String event = process + Long.toString(events.getAndIncrement(), Character.MAX_RADIX);
      return RedisCall.script(
          Area.LIMITS, SLIDING_LOG, List.of(key), rule.windowMillis(), rule.limit(), event);
    }

    /**
     * Reads the answer to {@link #call()}.
     *
     * @throws Failure UNAVAILABLE when Redis could not be asked and the rule is closed then
     */
    public Decision decide(RedisResult answer) {
      if (answer.failed()) {
        return withoutRedis();
      }
      Response fields = answer.value();
      Decision decision =
          new Decision(
              rule,
              fields.get(0).toInteger() == 1,
              fields.get(1).toInteger(),
              fields.get(2).toLong());
      if (!decision.admitted()) {
        // What an override refused is asked again when that has ended.
        long known = override == null ? Long.MAX_VALUE : overrides.millisLeft(override);
        denied.remember(key, Math.min(known, decision.resetMillis()));
      }
      return decision;
    }

    private Decision withoutRedis() {
      return switch (rule.whenRedisIsAway()) {
        case LOCAL -> local.tryAcquire(rule, key);
        case OPEN -> new Decision(rule, true, rule.limit(), 0);
        case CLOSED ->
            throw Failure.of(ErrorCode.UNAVAILABLE, "Requests cannot be counted right now");
      };
    }
  }
}
