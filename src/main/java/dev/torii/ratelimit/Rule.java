package dev.torii.ratelimit;

import dev.torii.config.AppConfig.Limit;
import dev.torii.config.AppConfig.Subject;
import dev.torii.config.AppConfig.WhenRedisIsAway;

/**
 * One limit of the configuration under its name.
 *
 * @param name name of the rule, as answers show it
 * @param endpoint what is counted apart: the rule's name, or the operation's under a rule that
 *     counts each operation for itself
 * @param limit requests admitted per window
 * @param windowMillis length of the window
 * @param policyHeader value of the IETF header {@code RateLimit-Policy}
 */
public record Rule(
    String name,
    String endpoint,
    int limit,
    long windowMillis,
    Subject subject,
    WhenRedisIsAway whenRedisIsAway,
    String policyHeader) {

  /** What follows the name of a rule in the name of a block under it. */
  static final String BLOCK = ":block";

  /** The rule {@code name} with the numbers of the configuration. */
  public static Rule of(String name, String endpoint, Limit config) {
    return new Rule(
        name,
        endpoint,
        config.limit(),
        config.window().toMillis(),
        config.subject(),
        config.whenRedisIsAway(),
        policyHeader(name, config.limit(), config.window().toMillis()));
  }

  /** The same window with {@code factor} times the limit, counted apart as {@code endpoint}. */
  public Rule times(int factor, String endpoint) {
    int wider = (int) Math.min(Integer.MAX_VALUE, (long) limit * factor);
    return new Rule(
        name,
        endpoint,
        wider,
        windowMillis,
        subject,
        whenRedisIsAway,
        policyHeader(name, wider, windowMillis));
  }

  /** The same for a subject whose limit differs, named after the block when nothing is admitted. */
  Rule overriddenBy(LimitOverride override) {
    String policy = override.isBlock() ? name + BLOCK : name;
    return new Rule(
        policy,
        endpoint,
        override.limit(),
        windowMillis,
        subject,
        whenRedisIsAway,
        policyHeader(policy, override.limit(), windowMillis));
  }

  private static String policyHeader(String name, int limit, long windowMillis) {
    return "\"" + name + "\";q=" + limit + ";w=" + windowMillis / 1000;
  }
}
