package dev.torii.config;

/** The {@code images} section. */
public record ImagesConfig(
    @Setting(
            key = "maxUploadBytes",
            value = "20971520",
            min = 1024,
            max = 20971520,
            doc = "Largest image")
        int maxUploadBytes) {}
