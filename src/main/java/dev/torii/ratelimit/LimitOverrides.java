package dev.torii.ratelimit;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every override in force, in the memory of this process: no request asks a server for its own.
 *
 * <p>Shared by all event loops. {@link OverrideFollower} brings changes here; an end comes by the
 * clock alone, also when nobody can be asked.
 */
public final class LimitOverrides {
  private final Clock clock;
  private volatile Map<String, List<LimitOverride>> bySubject = Map.of();

  public LimitOverrides(Clock clock) {
    this.clock = clock;
  }

  /**
   * What applies to a subject under a rule, null when that is the rule itself. One for a single
   * operation goes before one for all of them.
   *
   * @param endpoint what the rule counts apart
   */
  public LimitOverride find(String rule, String endpoint, String subject) {
    Map<String, List<LimitOverride>> all = bySubject;
    if (all.isEmpty()) {
      return null;
    }
    List<LimitOverride> candidates = all.get(subject);
    if (candidates == null) {
      return null;
    }
    LimitOverride found = null;
    for (LimitOverride candidate : candidates) {
      if (candidate.covers(rule, endpoint)
          && candidate.expiresAt().isAfter(clock.instant())
          && (found == null || candidate.rule().length() > found.rule().length())) {
        found = candidate;
      }
    }
    return found;
  }

  /** Milliseconds until {@code override} ends, at least 1. */
  public long millisLeft(LimitOverride override) {
    return Math.max(1, override.expiresAt().toEpochMilli() - clock.millis());
  }

  /**
   * Puts what is in force now in the place of what was.
   *
   * @return the subjects for which something changed
   */
  Set<String> replace(List<LimitOverride> living) {
    Map<String, List<LimitOverride>> next = new HashMap<>();
    living.forEach(o -> next.computeIfAbsent(o.subject(), s -> new ArrayList<>(2)).add(o));
    Map<String, List<LimitOverride>> before = bySubject;
    bySubject = next;
    Set<String> changed = new HashSet<>();
    next.forEach(
        (subject, now) -> {
          if (!isSame(now, before.get(subject))) {
            changed.add(subject);
          }
        });
    before.keySet().stream().filter(s -> !next.containsKey(s)).forEach(changed::add);
    return changed;
  }

  private static boolean isSame(List<LimitOverride> now, List<LimitOverride> before) {
    return before != null && before.size() == now.size() && before.containsAll(now);
  }
}
