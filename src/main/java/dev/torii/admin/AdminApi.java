package dev.torii.admin;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Done;

/** What the admin service answers on the bus. */
public final class AdminApi {
  /** How much of a rule a subject has used; NOT_FOUND for an unknown rule. */
  public static final Address<LimitOf, LimitState> LIMIT_STATE =
      new Address<>("admin.limit-state", LimitOf.class, LimitState.class);

  /** Gives a subject its whole limit back, in every process. */
  public static final Address<LimitOf, Done> RESET_LIMIT =
      new Address<>("admin.reset-limit", LimitOf.class, Done.class);

  private AdminApi() {}

  /**
   * Names one counter.
   *
   * @param rule name of the rule, {@code default:<operation>} for the one that counts operations
   * @param subject a user id or {@code ip:<address>}
   */
  public record LimitOf(String rule, String subject) implements BusMessage {}

  /**
   * The state of one counter.
   *
   * @param resetSeconds whole seconds until the next slot frees, 0 when none is taken
   */
  public record LimitState(int limit, long windowSeconds, int used, long resetSeconds)
      implements BusMessage {}
}
