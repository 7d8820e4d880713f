package dev.torii.config;

import java.time.Duration;

/** Options of one cache. */
public record CacheOptions(
    @Setting(key = "ttlSeconds", value = "300", min = 1, doc = "Life of an entry") Duration ttl,
    @Setting(
            key = "negativeTtlSeconds",
            value = "30",
            min = 1,
            doc = "How long the absence of something is remembered")
        Duration negativeTtl,
    @Setting(
            key = "staleSeconds",
            value = "3600",
            max = 604800,
            doc =
                "How long after its life an entry may be served when PostgreSQL is away or slow,"
                    + " 0 for never")
        Duration stale,
    @Setting(
            key = "refreshPercent",
            value = "80",
            max = 100,
            doc = "Part of its life after which an entry that is read is loaded again, 0 for none")
        int refreshPercent,
    @Setting(
            key = "l1Entries",
            value = "0",
            max = 10000000,
            doc =
                "Entries kept in the memory of each process, 0 for none; another process may"
                    + " then read an old one for a moment after a write")
        int l1Entries,
    @Setting(
            key = "l1Seconds",
            value = "10",
            min = 1,
            max = 3600,
            doc = "Life of an entry in memory")
        Duration l1Ttl) {}
