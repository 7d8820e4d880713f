package dev.torii.gate;

import dev.torii.ratelimit.Rule;

/**
 * What the gate asks of the requests of one route.
 *
 * @param authenticated whether a valid access token is needed
 * @param adminOnly whether the token must be an admin's
 * @param rule limit that counts each request, null for none
 * @param cachedRead cache entry to bring along, null for none
 */
record RouteSpec(boolean authenticated, boolean adminOnly, Rule rule, CachedRead cachedRead) {}
