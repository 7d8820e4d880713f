package dev.torii.config;

import java.time.Duration;

/** The {@code sessions} section. */
public record SessionsConfig(
    @Setting(
            key = "ttlSeconds",
            value = "3600",
            min = 60,
            doc = "Life of a session in Redis, counted again from each refresh")
        Duration ttl,
    @Setting(
            key = "includeTokens",
            value = "false",
            doc = "Write the tokens themselves into session keys, for services that expect them")
        boolean includeTokens,
    @Setting(
            key = "maxPerUser",
            value = "50",
            max = 100000,
            doc = "Sessions of a user above which a login ends the oldest, 0 for any number")
        int maxPerUser) {}
