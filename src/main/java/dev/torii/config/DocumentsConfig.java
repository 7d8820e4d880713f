package dev.torii.config;

/** The {@code documents} section. */
public record DocumentsConfig(
    @Setting(
            key = "maxUploadBytes",
            value = "20971520",
            min = 1024,
            max = 20971520,
            doc = "Largest file")
        int maxUploadBytes) {}
