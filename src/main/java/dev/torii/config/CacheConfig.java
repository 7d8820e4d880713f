package dev.torii.config;

import java.time.Duration;

/** The {@code cache} section: what holds for every cache. */
public record CacheConfig(
    @Setting(
            key = "jitterPercent",
            value = "10",
            max = 50,
            doc = "Random part of every life, so that entries do not end together")
        int jitterPercent,
    @Setting(
            key = "compressAboveBytes",
            value = "1024",
            max = 1048576,
            doc = "Values from this size on are stored as gzip, 0 for none")
        int compressAboveBytes,
    @Setting(
            key = "loadSoftMs",
            value = "300",
            min = 1,
            max = 60000,
            doc = "Wait for a load after which an old copy is served, if there is one")
        Duration loadSoft,
    @Setting(
            key = "loadHardMs",
            value = "1200",
            min = 1,
            max = 60000,
            doc = "Longest wait for a load; also the longest that other processes wait for it")
        Duration loadHard,
    @Setting(
            key = "breakerFailures",
            value = "5",
            min = 1,
            max = 10000,
            doc = "Failures of Redis in a row after which the cache is left out for a while")
        int breakerFailures,
    @Setting(
            key = "breakerOpenMs",
            value = "2000",
            min = 1,
            max = 600000,
            doc = "How long the cache is left out before one request tries it again")
        Duration breakerOpen,
    @Setting(
            key = "auditPerMillion",
            value = "1000",
            max = 1000000,
            doc = "Hits of a million that are compared with PostgreSQL after their reply")
        int auditPerMillion,
    @Setting(
            key = "prewarmProfiles",
            value = "1000",
            max = 1000000,
            doc = "Profiles of lately active users that are loaded after the start, 0 for none")
        int prewarmProfiles,
    @Setting(
            key = "prewarmDays",
            value = "7",
            min = 1,
            max = 3650,
            doc = "How lately a user must have been active for that")
        Duration prewarmActive) {}
