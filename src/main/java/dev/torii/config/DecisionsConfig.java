package dev.torii.config;

import java.time.Duration;

/** The {@code decisions} section: what limits decided, kept in memory to be explained. */
public record DecisionsConfig(
    @Setting(
            key = "admitted",
            value = "4096",
            min = 1,
            max = 1000000,
            doc = "Admissions that each process keeps, about 0.5 KB each; the oldest go first")
        int admitted,
    @Setting(
            key = "refused",
            value = "4096",
            min = 1,
            max = 1000000,
            doc = "Refusals that each process keeps, apart from the admissions")
        int refused,
    @Setting(
            key = "keepSeconds",
            value = "900",
            min = 1,
            max = 86400,
            doc = "How long one can be asked for")
        Duration keep) {}
