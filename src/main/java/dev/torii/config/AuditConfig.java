package dev.torii.config;

import java.time.Duration;

/** The {@code audit} section. */
public record AuditConfig(
    @Setting(
            key = "retentionDays",
            value = "365",
            max = 36500,
            doc = "How long entries of the audit log are kept, 0 for ever")
        Duration retention) {}
