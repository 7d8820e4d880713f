package dev.torii.ratelimit;

/**
 * Limits of single subjects that differ from their rules. Asked for every counted request on its
 * event loop, so the answer comes from memory.
 */
public interface SubjectLimits {
  SubjectLimits NONE = (rule, subject) -> null;

  /**
   * The exception in force for a subject, null when the limit of the rule or of the caller's role
   * holds.
   *
   * @param subject as it stands in Redis keys
   */
  SubjectLimit find(Rule rule, String subject);

  /**
   * A limit of one subject.
   *
   * @param limit requests per window, 0 when the subject is blocked
   * @param endsAtMillis when it ends, milliseconds since 1970
   */
  record SubjectLimit(int limit, long endsAtMillis) {}
}
