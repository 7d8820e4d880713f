package dev.torii.ratelimit;

import java.time.Instant;
import java.util.UUID;

/**
 * The limit of one subject that differs from the rule's, until it ends.
 *
 * @param rule name of the rule, {@code default:<operation>} for one operation under a rule that
 *     counts each for itself
 * @param limit requests admitted per window, 0 for none
 * @param reason why, in an operator's words; null when none was given
 * @param createdBy the admin, null when it was a program on the server
 */
public record LimitOverride(
    String rule,
    String subject,
    int limit,
    String reason,
    UUID createdBy,
    Instant createdAt,
    Instant expiresAt) {

  /** Whether nothing is admitted. */
  public boolean isBlock() {
    return limit == 0;
  }

  /** Whether this is about what {@code name} counts as {@code endpoint}. */
  boolean covers(String name, String endpoint) {
    return rule.equals(name)
        || (rule.length() == name.length() + 1 + endpoint.length()
            && rule.startsWith(name)
            && rule.charAt(name.length()) == ':'
            && rule.endsWith(endpoint));
  }
}
