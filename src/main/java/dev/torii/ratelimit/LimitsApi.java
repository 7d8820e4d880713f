package dev.torii.ratelimit;

import dev.torii.bus.BusMessage;
import dev.torii.bus.Topic;

/** What the limits announce on the bus. */
public final class LimitsApi {
  /** A request used up so much of a limit that little is left; told once while it stays so. */
  public static final Topic<NearLimit> NEAR_LIMIT =
      new Topic<>("ratelimit.near-limit", NearLimit.class);

  private LimitsApi() {}

  /** Who is near which limit. */
  public record NearLimit(String rule, String subject, int limit, int used) implements BusMessage {}
}
