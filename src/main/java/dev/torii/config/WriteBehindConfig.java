package dev.torii.config;

import java.time.Duration;

/** The {@code writeBehind} section. */
public record WriteBehindConfig(
    @Setting(
            key = "durable",
            value = "false",
            doc =
                "Accept a write by an insert into PostgreSQL instead of the Redis stream, so"
                    + " that not even a lost Redis loses it")
        boolean durable,
    @Setting(
            key = "batch",
            value = "500",
            min = 1,
            max = 10000,
            doc = "Accepted writes that are applied with one statement")
        int batch,
    @Setting(
            key = "intervalMs",
            value = "1000",
            min = 1,
            max = 60000,
            doc =
                "Pause between two looks for writes that other processes left; a process applies"
                    + " its own at once")
        Duration interval,
    @Setting(
            key = "takeOverMs",
            value = "5000",
            min = 100,
            max = 600000,
            doc = "How long a process may hold writes before another takes them over")
        Duration takeOver,
    @Setting(
            key = "maxWaiting",
            value = "100000",
            min = 2000,
            max = 100000000,
            doc =
                "Accepted writes not yet applied above which new ones are refused with 503; the"
                    + " last uses of sessions already above half of it")
        int maxWaiting) {}
