package dev.torii.failure;

/**
 * The limit that refused a request, as its answer tells it.
 *
 * @param policy name of the rule
 * @param limit requests per window
 * @param remaining requests left now
 * @param resetSeconds whole seconds until a slot is free, rounded up
 * @param policyHeader value of the IETF header {@code RateLimit-Policy}
 */
public record RateLimit(
    String policy, int limit, int remaining, long resetSeconds, String policyHeader) {}
