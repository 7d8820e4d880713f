package dev.torii.http;

/**
 * The closest limit rule of a request, as its answer tells it.
 *
 * @param policy name of the rule
 * @param limit requests per window
 * @param remaining requests left now
 * @param resetSeconds whole seconds until a slot is free, rounded up
 * @param policyHeader value of the IETF header {@code RateLimit-Policy}
 * @param warning value of {@code X-RateLimit-Warning}, null while the limit is not near
 */
public record LimitHeaders(
    String policy,
    int limit,
    int remaining,
    long resetSeconds,
    String policyHeader,
    String warning) {

  /** Without a warning. */
  public LimitHeaders(
      String policy, int limit, int remaining, long resetSeconds, String policyHeader) {
    this(policy, limit, remaining, resetSeconds, policyHeader, null);
  }
}
