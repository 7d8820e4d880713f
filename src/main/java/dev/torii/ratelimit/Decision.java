package dev.torii.ratelimit;

/**
 * What a rule said to one request.
 *
 * @param key the counter in Redis
 * @param limit what held for this subject, 0 when it is blocked
 * @param source where that limit came from
 * @param cost slots that the request asked for
 * @param admitted whether the rule lets the request go on
 * @param used slots taken in the window now, with this request's own when it was admitted
 * @param resetMillis time until a slot frees, or until this request would fit when it was refused;
 *     at least 0
 * @param mode who knew
 */
public record Decision(
    Rule rule,
    String subject,
    String key,
    int limit,
    Source source,
    int cost,
    boolean admitted,
    int used,
    long resetMillis,
    Mode mode) {
  /** Part of the limit from which on it is near. */
  private static final int NEAR_PERCENT = 80;

  /** Slots taken before this request. */
  public int before() {
    return admitted ? Math.max(0, used - cost) : used;
  }

  /** Slots left in the window now. */
  public int remaining() {
    return Math.max(0, limit - used);
  }

  /** Name of the rule, or of the block when nothing is admitted of this subject. */
  public String policy() {
    return rule.policy(limit);
  }

  /** {@link #resetMillis()} in whole seconds, rounded up so that waiting that long is enough. */
  public long resetSeconds() {
    return (resetMillis + 999) / 1000;
  }

  /** Whether the rule keeps the request from going on; a rule in shadow mode never does. */
  public boolean refuses() {
    return !admitted && !rule.terms().shadow();
  }

  /** Whether it costs more than the limit, so that no waiting helps; an exception ends one day. */
  public boolean neverFits() {
    return cost > limit && source != Source.OVERRIDE;
  }

  /** Whether most of the limit is used. */
  public boolean isNear() {
    return isNear(used);
  }

  /** Whether it was this request that brought the limit near. */
  public boolean isFirstNear() {
    return admitted && isNear(used) && !isNear(before());
  }

  private boolean isNear(int count) {
    return mode == Mode.REDIS && (long) count * 100 >= (long) limit * NEAR_PERCENT;
  }

  /** Where a limit came from. */
  public enum Source {
    RULE,
    /** The caller's role. */
    TIER,
    /** An operator's exception for the subject; see {@link SubjectLimits}. */
    OVERRIDE
  }

  /** Who knew what was counted. */
  public enum Mode {
    REDIS,
    /**
     * This process, without asking: a refusal that still holds, a block, or a cost above the limit
     * while Redis is away.
     */
    MEMORY,
    /** This process alone, because Redis is away. */
    LOCAL,
    /** Nobody, because Redis is away and the rule is open then. */
    OPEN,
    /** Nobody, because Redis is away and the rule is closed then. */
    CLOSED
  }
}
