package dev.torii.ratelimit;

import dev.torii.config.Limit;
import dev.torii.config.Limit.Subject;
import dev.torii.config.Limit.WhenRedisIsAway;
import dev.torii.http.Caller.Role;

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
    String policyHeader,
    Terms terms) {

  /** The rule {@code name} with the numbers of the configuration. */
  public static Rule of(String name, String endpoint, Limit config) {
    return new Rule(
        name,
        endpoint,
        config.limit(),
        config.window().toMillis(),
        config.subject(),
        config.whenRedisIsAway(),
        policyHeader(name, config.limit(), config.window().toMillis()),
        Terms.of(config));
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
        policyHeader(name, wider, windowMillis),
        terms);
  }

  /** The limit for a caller of this role, null for an unknown one. */
  public int limitOf(Role role) {
    int tier = terms.tiers().limitOf(role);
    return tier > 0 ? tier : limit;
  }

  /** The rule's name, or that of a block for someone whose limit is 0. */
  public String policy(int own) {
    return own == 0 ? name + ":block" : name;
  }

  /** Value of the IETF header for someone whose limit is {@code own}. */
  public String policyHeader(int own) {
    return own == limit ? policyHeader : policyHeader(policy(own), own, windowMillis);
  }

  private static String policyHeader(String name, int limit, long windowMillis) {
    return "\"" + name + "\";q=" + limit + ";w=" + windowMillis / 1000;
  }
}
