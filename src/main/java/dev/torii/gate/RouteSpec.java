package dev.torii.gate;

/**
 * What the gate asks of the requests of one route.
 *
 * @param access who may use it
 * @param limits the rules that count each request
 * @param cachedRead cache entry to bring along, null for none
 */
record RouteSpec(Access access, RouteLimits limits, CachedRead cachedRead) {}
