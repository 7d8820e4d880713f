package dev.torii.gate;

/**
 * What the gate asks of the requests of one route.
 *
 * @param access who may use it
 * @param limits the rules that count each request
 * @param read what to bring along, null for nothing
 */
record RouteSpec(Access access, RouteLimits limits, GateRead read) {}
