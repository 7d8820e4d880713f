package dev.torii.ratelimit;

import dev.torii.http.Caller.Role;
import dev.torii.ratelimit.Decision.Mode;
import dev.torii.ratelimit.Decision.Source;
import dev.torii.ratelimit.SubjectLimits.SubjectLimit;
import dev.torii.redis.RedisCall;
import dev.torii.redis.RedisResult;
import io.vertx.redis.client.Response;

/** One request on its way past one rule. */
public final class Attempt {
  /**
   * How long a refusal is remembered whose slots another request may give back: only a moment, so
   * that it is soon seen.
   */
  private static final long PROVISIONAL_MILLIS = 1_000;

  private final RateLimiter limiter;
  private final Counting counting;
  private final Rule rule;
  private final String subject;
  private final String key;
  private final int cost;
  private final int limit;
  private final Source source;
  private final boolean amongOthers;

  /** Until the exception ends that holds for the subject; 0 for none. */
  private final long exceptionMillis;

  /** The limit without an exception. */
  private final int usual;

  private String event;
  private Response taken;
  private boolean takenHere;

  Attempt(
      RateLimiter limiter,
      Counting counting,
      Rule rule,
      String subject,
      Role role,
      int cost,
      boolean amongOthers) {
    this.limiter = limiter;
    this.counting = counting;
    this.rule = rule;
    this.subject = subject;
    this.key = counting.key(rule, subject);
    this.cost = cost;
    this.amongOthers = amongOthers;
    this.usual = rule.limitOf(role);
    SubjectLimit own = limiter.subjects.find(rule, subject);
    if (own == null) {
      this.limit = usual;
      this.source = usual == rule.limit() ? Source.RULE : Source.TIER;
      this.exceptionMillis = 0;
    } else {
      this.limit = own.limit();
      this.source = Source.OVERRIDE;
      this.exceptionMillis = Math.max(1, own.endsAtMillis() - limiter.clock.millis());
    }
  }

  public Rule rule() {
    return rule;
  }

  /** The refusal that is already known without asking Redis, null when there is none. */
  public Decision knownRefusal() {
    if (limit == 0) {
      return decision(false, 0, exceptionMillis, Mode.MEMORY);
    }
    if (cost > limit) {
      return null; // what a cheaper request was told says nothing of this one
    }
    DenyMemory.Refusal refusal = limiter.denied.find(key, cost, limit);
    long wait = refusal == null ? 0 : limiter.denied.waitMillis(refusal);
    return wait == 0 ? null : decision(false, refusal.used(), wait, Mode.MEMORY);
  }

  /** Counts the request, if it may be admitted; looks only, when it costs more than the limit. */
  public RedisCall call() {
    if (cost > limit) {
      return counting.state(rule, key, limit);
    }
    event = limiter.newEvent();
    return counting.take(rule, key, limit, cost, event);
  }

  /**
   * Reads the answer to {@link #call()}; when Redis could not be asked, the rule says what holds.
   */
  public Decision decide(RedisResult answer) {
    if (cost > limit) {
      return tooDear(answer);
    }
    if (answer.failed()) {
      return withoutRedis();
    }
    Response fields = answer.value();
    Decision decision =
        decision(
            fields.get(0).toInteger() == 1,
            fields.get(1).toInteger(),
            fields.get(2).toLong(),
            Mode.REDIS);
    if (decision.admitted()) {
      taken = fields;
    } else if (!rule.terms().failuresOnly()) {
      long wait = decision.resetMillis();
      long kept = amongOthers ? PROVISIONAL_MILLIS : wait;
      limiter.denied.remember(key, wait, kept, cost, limit, decision.used());
    }
    return decision;
  }

  /**
   * Gives back what was taken: here at once, in Redis by the call. Between the two, others may be
   * refused because of it; none is admitted too many.
   *
   * @return null when nothing is to be given back in Redis
   */
  public RedisCall giveBack() {
    if (takenHere) {
      takenHere = false;
      limiter.local.giveBack(key, cost);
    }
    if (taken == null && !(counting.isRepeatable() && event != null)) {
      return null;
    }
    limiter.denied.forget(key);
    Response answer = taken;
    taken = null;
    return counting.giveBack(rule, key, limit, cost, event, answer);
  }

  /** It does not fit before an exception ends, or never; what is used is only to be told. */
  private Decision tooDear(RedisResult answer) {
    boolean unknown = answer.failed();
    int used = unknown ? 0 : answer.value().get(0).toInteger();
    long frees = unknown ? rule.windowMillis() : answer.value().get(1).toLong();
    long wait = exceptionMillis > 0 ? exceptionMillis : frees;
    return decision(false, used, wait, unknown ? Mode.MEMORY : Mode.REDIS);
  }

  private Decision withoutRedis() {
    return switch (rule.whenRedisIsAway()) {
      case LOCAL -> locally();
      case OPEN -> decision(true, 0, 0, Mode.OPEN);
      case CLOSED -> decision(false, 0, 0, Mode.CLOSED);
    };
  }

  private Decision locally() {
    int share = limiter.processes.shareOf(limit);
    LocalLog.Taken here = limiter.local.take(rule, key, share, cost);
    takenHere = here.admitted();
    // Told in the numbers of the whole limit: what others have is not known and counts as used.
    int used = limit - share + here.used();
    return decision(here.admitted(), used, here.waitMillis(), Mode.LOCAL);
  }

  private Decision decision(boolean admitted, int used, long waitMillis, Mode mode) {
    long reset = endHelps(admitted, used) ? Math.min(waitMillis, exceptionMillis) : waitMillis;
    return new Decision(rule, subject, key, limit, source, cost, admitted, used, reset, mode);
  }

  /** Whether a refused request fits as soon as the exception ends. */
  private boolean endHelps(boolean admitted, int used) {
    return !admitted && exceptionMillis > 0 && (long) used + cost <= usual;
  }
}
