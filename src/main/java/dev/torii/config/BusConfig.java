package dev.torii.config;

import java.time.Duration;

/** The {@code bus} section. */
public record BusConfig(
    @Setting(
            key = "timeoutMs",
            value = "1400",
            min = 100,
            max = 60000,
            doc = "Longest wait for a service behind the event bus")
        Duration timeout) {}
