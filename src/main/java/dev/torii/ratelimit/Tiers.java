package dev.torii.ratelimit;

import dev.torii.http.Caller.Role;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Limits of a rule that differ by the caller's role.
 *
 * @param byRole roles without an entry have the rule's own limit; not to be written to
 */
public record Tiers(Map<Role, Integer> byRole) {
  static final Tiers NONE = new Tiers(Map.of());

  /**
   * @param texts each {@code role=limit}, as the configuration has checked
   */
  static Tiers of(List<String> texts) {
    if (texts.isEmpty()) {
      return NONE;
    }
    Map<Role, Integer> limits = new EnumMap<>(Role.class);
    for (String text : texts) {
      int equals = text.indexOf('=');
      Role role = Role.parse(text.substring(0, equals)).orElseThrow();
      limits.put(role, Integer.valueOf(text.substring(equals + 1)));
    }
    return new Tiers(limits);
  }

  /** The limit of {@code role}, null for an unknown caller; 0 when the rule's own holds. */
  int limitOf(Role role) {
    if (role == null || byRole.isEmpty()) {
      return 0;
    }
    Integer limit = byRole.get(role);
    return limit == null ? 0 : limit;
  }
}
