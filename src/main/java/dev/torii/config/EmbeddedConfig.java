package dev.torii.config;

/** The {@code embedded} section: servers that Torii starts itself when no URI is given. */
public record EmbeddedConfig(
    @Setting(key = "redisPort", max = 65535, value = "0", doc = "Port, 0 for any free one")
        int redisPort,
    @Setting(key = "pgPort", max = 65535, value = "0", doc = "Port, 0 for any free one") int pgPort,
    @Setting(
            key = "demoData",
            value = "true",
            doc = "Whether a new embedded PostgreSQL begins with a catalogue to look at")
        boolean demoData) {}
