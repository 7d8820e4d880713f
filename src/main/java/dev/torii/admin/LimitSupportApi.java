package dev.torii.admin;

import dev.torii.audit.Actor;
import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Deadline;
import dev.torii.bus.Done;
import dev.torii.bus.Timed;
import dev.torii.ratelimit.LimitOverride;
import dev.torii.ratelimit.Simulation;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** What the admin service answers on the bus about limits and whom they count. */
public final class LimitSupportApi {
  /** How much of a rule a subject has used; NOT_FOUND for an unknown rule. */
  public static final Address<LimitOf, LimitState> STATE =
      new Address<>("limits.state", LimitOf.class, LimitState.class);

  /**
   * The same of every rule that may count a subject; of one that counts each operation for itself,
   * the operations that were used.
   */
  public static final Address<LimitsOf, LimitStates> STATES =
      new Address<>("limits.states", LimitsOf.class, LimitStates.class);

  /** Gives a subject its whole limit back, in every process. */
  public static final Address<ResetLimit, Done> RESET =
      new Address<>("limits.reset", ResetLimit.class, Done.class);

  /** Gives a subject some slots back, the oldest first. */
  public static final Address<Reward, Rewarded> REWARD =
      new Address<>("limits.reward", Reward.class, Rewarded.class);

  /**
   * Gives a subject a limit of its own until it ends; CONFLICT when there are too many, and when it
   * would lock its giver out.
   */
  public static final Address<SetOverride, Overridden> SET_OVERRIDE =
      new Address<>("limits.set-override", SetOverride.class, Overridden.class);

  /** Ends the limit of its own of a subject; NOT_FOUND when it has none. */
  public static final Address<RemoveOverride, Done> REMOVE_OVERRIDE =
      new Address<>("limits.remove-override", RemoveOverride.class, Done.class);

  /** A page of those limits, oldest first; INVALID when the cursor is of another list. */
  public static final Address<ListOverrides, OverridePage> LIST_OVERRIDES =
      new Address<>("limits.list-overrides", ListOverrides.class, OverridePage.class);

  /** Replays what was admitted against a rule that does not exist; NOT_FOUND as STATE is. */
  public static final Address<Simulate, Simulated> SIMULATE =
      new Address<>("limits.simulate", Simulate.class, Simulated.class);

  /** Explains a decision; NOT_FOUND when it is gone, and when it is another's. */
  public static final Address<Explain, Explanation> EXPLAIN =
      new Address<>("limits.explain", Explain.class, Explanation.class);

  private LimitSupportApi() {}

  /**
   * Asks about a decision.
   *
   * @param reader whose request it has to be; null for an admin
   */
  public record Explain(String id, UUID reader) implements BusMessage {}

  /** What was decided and by what; nobody else has this object. */
  public record Explanation(JsonObject decision) implements BusMessage {}

  /**
   * Names one counter.
   *
   * @param rule name of the rule, {@code default:<operation>} for the one that counts operations
   * @param subject as {@link dev.torii.ratelimit.LimitSubject#require} gives it
   */
  public record LimitOf(String rule, String subject) implements BusMessage {}

  /**
   * The state of one counter.
   *
   * @param limit what is in force, the override's if there is one
   * @param resetSeconds whole seconds until the next slot frees, 0 when none is taken
   * @param override null when the rule's own limit is in force
   */
  public record LimitState(
      String rule,
      int limit,
      long windowSeconds,
      int used,
      long resetSeconds,
      LimitOverride override)
      implements BusMessage {}

  /** Names a subject, as {@link dev.torii.ratelimit.LimitSubject#require} gives it. */
  public record LimitsOf(String subject) implements BusMessage {}

  /** One state a rule. */
  public record LimitStates(List<LimitState> states) implements BusMessage {}

  /** Forgets what a counter has counted. */
  public record ResetLimit(Actor by, LimitOf counter) implements BusMessage {}

  /** Gives {@code count} slots back, 1 or more. */
  public record Reward(Actor by, LimitOf counter, int count) implements BusMessage {}

  /**
   * What came of it.
   *
   * @param slots given back, fewer than asked for when no more were taken
   */
  public record Rewarded(int slots, LimitState state) implements BusMessage {}

  /**
   * Asks for a limit for one subject.
   *
   * @param limit requests admitted per window, 0 to block
   * @param reason null for none
   */
  public record SetOverride(Actor by, LimitOf counter, int limit, Duration expiresIn, String reason)
      implements BusMessage {}

  /** What is in force now. */
  public record Overridden(LimitOverride override) implements BusMessage {}

  /** Names an override that is to end. */
  public record RemoveOverride(Actor by, LimitOf counter) implements BusMessage {}

  /**
   * Asks for the overrides in force.
   *
   * @param limit 1-100
   * @param cursor where the page before ended, null for the first
   */
  public record ListOverrides(int limit, String cursor) implements BusMessage {}

  /**
   * Some overrides.
   *
   * @param nextCursor null when there are no more
   */
  public record OverridePage(List<LimitOverride> overrides, String nextCursor)
      implements BusMessage {}

  /**
   * A rule that does not exist.
   *
   * @param rule name of the one whose logs are replayed
   * @param algorithm as the configuration spells it
   * @param cost slots that each request takes
   * @param last how far back is asked for
   * @param deadline until which the answer is of use; what was replayed by then is the answer
   */
  public record Simulate(
      String rule,
      String algorithm,
      int limit,
      Duration window,
      int cost,
      Duration last,
      Deadline deadline)
      implements Timed {}

  /**
   * What it would have refused.
   *
   * @param covered how far back the logs can tell, at most what was asked for
   */
  public record Simulated(Simulation.Result result, Duration covered) implements BusMessage {}
}
