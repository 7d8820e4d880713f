package dev.torii.ratelimit;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.torii.http.Caller.Role;
import dev.torii.ratelimit.SubjectLimits.SubjectLimit;
import dev.torii.redis.Area;
import dev.torii.redis.RedisCall;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decides whether a subject may make one more request, over all processes.
 *
 * <p>Asks nobody itself. It gives the call that belongs into the caller's wave and reads its
 * answer, so that a decision costs no round trip of its own. How exact it is and what it keeps in
 * Redis is said by {@link SlidingLog}, {@link FixedWindow}, {@link SlidingWindow} and {@link Gcra}.
 * Shared by all event loops.
 */
public final class RateLimiter {
  final DenyMemory denied;
  final LocalLog local = new LocalLog(Ticker.systemTicker());
  final Clock clock;
  final SubjectLimits subjects;
  final Processes processes;

  private final Counting slidingLog = new SlidingLog();
  private final Counting fixedWindow;
  private final Counting slidingWindow = new SlidingWindow();
  private final Counting gcra = new Gcra();
  private final String process =
      Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), Character.MAX_RADIX) + "-";
  private final AtomicLong events = new AtomicLong();

  /**
   * A limiter for one process.
   *
   * @param subjects limits of single subjects
   * @param processes among whom limits are shared while Redis is away
   */
  public RateLimiter(DenyMemory denied, Clock clock, SubjectLimits subjects, Processes processes) {
    this.denied = denied;
    this.clock = clock;
    this.subjects = subjects;
    this.processes = processes;
    this.fixedWindow = new FixedWindow(clock);
  }

  /**
   * Begins to count one request.
   *
   * @param subject a user id, {@code ip:<address>} or another that the rule names, at most 200
   *     bytes
   * @param role of the caller, null for an unknown one
   * @param cost slots that the request takes, at least 1
   * @param amongOthers whether other rules count the request too, so that slots of this one may be
   *     given back
   */
  public Attempt begin(Rule rule, String subject, Role role, int cost, boolean amongOthers) {
    return new Attempt(this, counting(rule), rule, subject, role, cost, amongOthers);
  }

  /**
   * Reads how much of a rule a subject has used, answered with {@code {used, milliseconds until a
   * slot frees}}.
   */
  public RedisCall state(Rule rule, String subject) {
    return counting(rule).state(rule, key(rule, subject), countedLimit(rule, subject));
  }

  /**
   * Gives slots back, the oldest first; answered with how many. {@link #forget} must follow in
   * every process.
   */
  public RedisCall reward(Rule rule, String subject, int slots) {
    return counting(rule).reward(rule, key(rule, subject), countedLimit(rule, subject), slots);
  }

  /** A block has a limit of 0, by which nothing can be counted. */
  private int countedLimit(Rule rule, String subject) {
    SubjectLimit own = subjects.find(rule, subject);
    return own == null || own.limit() == 0 ? rule.limit() : own.limit();
  }

  /** Forgets what a subject has used; {@link #forget} must follow in every process. */
  public RedisCall reset(Rule rule, String subject) {
    return RedisCall.of(Area.LIMITS, Command.UNLINK, key(rule, subject));
  }

  /** The counter of a subject at this moment. */
  public String key(Rule rule, String subject) {
    return counting(rule).key(rule, subject);
  }

  /**
   * Forgets what this process remembers of a counter: the refusal, and what it counted alone.
   *
   * @param key as {@link #key} makes it
   */
  public void forget(String key) {
    denied.forget(key);
    local.forget(key);
  }

  /** Forgets all refusals, because rules have changed; what was counted alone stays. */
  public void forgetRefusals() {
    denied.forgetAll();
  }

  String newEvent() {
    return process + Long.toString(events.getAndIncrement(), Character.MAX_RADIX);
  }

  private Counting counting(Rule rule) {
    return switch (rule.terms().algorithm()) {
      case SLIDING_LOG -> slidingLog;
      case FIXED_WINDOW -> fixedWindow;
      case SLIDING_WINDOW -> slidingWindow;
      case GCRA -> gcra;
    };
  }
}
