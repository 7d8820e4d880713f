package dev.torii.gate;

import dev.torii.ratelimit.Rule;

/**
 * What the gate asks of the requests of one route.
 *
 * @param access who may use it
 * @param rule limit that counts each request, null for none
 * @param cachedRead cache entry to bring along, null for none
 */
record RouteSpec(Access access, Rule rule, CachedRead<?> cachedRead) {}
