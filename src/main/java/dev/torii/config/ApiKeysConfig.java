package dev.torii.config;

/** The {@code apiKeys} section. */
public record ApiKeysConfig(
    @Setting(
            key = "maxDays",
            value = "365",
            min = 1,
            max = 3650,
            doc = "Longest life of an API key")
        int maxDays) {}
