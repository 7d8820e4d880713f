package dev.torii.ratelimit;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every override in force, in the memory of this process: no request asks a server for its own.
 *
 * <p>Shared by all event loops. {@link OverrideFollower} brings changes here; an end comes by the
 * clock alone, also when nobody can be asked.
 */
public final class LimitOverrides implements SubjectLimits {
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

  @Override
  public SubjectLimit find(Rule rule, String subject) {
    LimitOverride found = find(rule.name(), rule.endpoint(), subject);
    return found == null ? null : new SubjectLimit(found.limit(), found.expiresAt().toEpochMilli());
  }

  /** Puts what is in force now in the place of what was. */
  void replace(List<LimitOverride> living) {
    Map<String, List<LimitOverride>> next = new HashMap<>();
    living.forEach(o -> next.computeIfAbsent(o.subject(), s -> new ArrayList<>(2)).add(o));
    bySubject = next;
  }
}
