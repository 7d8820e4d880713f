package dev.torii.config;

import java.time.Duration;
import java.util.List;

/** The {@code jobs} section. */
public record JobsConfig(
    @Setting(
            key = "workers",
            value = "true",
            doc = "Whether this process runs jobs; one that does not still takes them in")
        boolean workers,
    @Setting(
            key = "handlersDir",
            doc = "Directory of jars with job types of your own (services of JobHandler)")
        String handlersDir,
    @Setting(
            key = "concurrency",
            doc =
                "Jobs of a type that one process runs at once, such as document:processing=2; what"
                    + " is not named here runs as its type says")
        List<String> concurrency,
    @Setting(
            key = "leaseMs",
            value = "15000",
            min = 500,
            max = 600000,
            doc = "How long a job is still its process's after the last sign of life of that")
        Duration lease,
    @Setting(
            key = "sweepMs",
            value = "1000",
            min = 50,
            max = 60000,
            doc = "Pause between two looks for jobs that are due, or whose process is gone")
        Duration sweep,
    @Setting(
            key = "shutdownGraceMs",
            value = "5000",
            max = 10000,
            doc = "How long running jobs may take to end when a process stops; then they go back")
        Duration shutdownGrace,
    @Setting(
            key = "maxResultBytes",
            value = "65536",
            min = 1024,
            max = 1000000,
            doc = "Largest result of a job; one that gives more has failed")
        int maxResultBytes,
    @Setting(
            key = "maxLogLines",
            value = "200",
            max = 10000,
            doc = "Last lines that are kept of a job's log")
        int maxLogLines,
    @Setting(
            key = "keepSucceededDays",
            value = "7",
            max = 3650,
            doc = "How long jobs that succeeded are kept, 0 for ever")
        Duration keepSucceeded,
    @Setting(
            key = "keepCancelledDays",
            value = "7",
            max = 3650,
            doc = "How long cancelled jobs are kept, 0 for ever")
        Duration keepCancelled,
    @Setting(
            key = "keepFailedDays",
            value = "90",
            max = 3650,
            doc = "How long failed and dead jobs are kept, 0 for ever")
        Duration keepFailed) {}
