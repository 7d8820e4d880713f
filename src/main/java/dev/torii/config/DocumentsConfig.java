package dev.torii.config;

import java.time.Duration;

/** The {@code documents} section. */
public record DocumentsConfig(
    @Setting(
            key = "maxUploadBytes",
            value = "20971520",
            min = 1024,
            max = 20971520,
            doc = "Largest file")
        int maxUploadBytes,
    @Setting(
            key = "readTimeoutMs",
            value = "60000",
            min = 1000,
            max = 3600000,
            doc = "How long the process that reads files may take for one; then it is ended")
        Duration readTimeout,
    @Setting(
            key = "readerMemoryMb",
            value = "256",
            min = 128,
            max = 16384,
            doc = "Megabytes of heap of a process that reads files")
        int readerMemory,
    @Setting(
            key = "readerFiles",
            value = "50",
            min = 1,
            max = 10000,
            doc = "Files that such a process reads before another takes its place")
        int readerFiles,
    @Setting(
            key = "readerIdleMs",
            value = "60000",
            max = 3600000,
            doc = "How long such a process is kept for another file")
        Duration readerIdle,
    @Setting(
            key = "maxCharacters",
            value = "5000000",
            min = 1000,
            max = 20000000,
            doc = "Characters of a text that are kept; what follows is left out")
        int maxCharacters,
    @Setting(
            key = "maxPages",
            value = "5000",
            min = 1,
            max = 1000000,
            doc = "Most pages of a document")
        int maxPages,
    @Setting(
            key = "maxUnpackedBytes",
            value = "268435456",
            min = 1048576,
            doc = "Largest size of a packed document when it is unpacked")
        int maxUnpackedBytes,
    @Setting(
            key = "chunkCharacters",
            value = "1000",
            min = 500,
            max = 10000,
            doc = "Most characters of a part of a text; parts are found by search")
        int chunkCharacters) {}
