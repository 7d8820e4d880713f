package dev.torii.ratelimit;

import dev.torii.bus.Address;
import dev.torii.bus.BusMessage;
import dev.torii.bus.Topic;
import java.util.List;

/** What the limits answer and announce on the bus. */
public final class LimitsApi {
  /** Reads the rules of this process again and puts them in force, unless there are faults. */
  public static final Address<ReloadRules, RulesRead> RELOAD =
      new Address<>("ratelimit.reload", ReloadRules.class, RulesRead.class);

  /** A request used up so much of a limit that little is left; told once while it stays so. */
  public static final Topic<NearLimit> NEAR_LIMIT =
      new Topic<>("ratelimit.near-limit", NearLimit.class);

  private LimitsApi() {}

  /**
   * Asks for the rules to be read again.
   *
   * @param everywhere whether all other processes are to do the same once it went well here
   */
  public record ReloadRules(boolean everywhere) implements BusMessage {}

  /**
   * What came of it.
   *
   * @param faults why the old rules stay, one line for each; empty when the new ones are in force
   * @param changed names of rules that are new, other or gone
   * @param needRestart other keys that have changed, which is of no effect before a restart
   * @param idle names of rules that count nothing
   * @param toldOthers whether the other processes were asked to do the same
   */
  public record RulesRead(
      List<String> faults,
      List<String> changed,
      List<String> needRestart,
      List<String> idle,
      boolean toldOthers)
      implements BusMessage {

    RulesRead told(boolean others) {
      return new RulesRead(faults, changed, needRestart, idle, others);
    }
  }

  /**
   * Who is near which limit.
   *
   * @param resetSeconds time until a slot frees
   */
  public record NearLimit(String rule, String subject, int limit, int used, long resetSeconds)
      implements BusMessage {}
}
