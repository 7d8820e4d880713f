package dev.torii.config;

/** The {@code caches} section: what may differ between caches. */
public record CachesConfig(
    CacheOptions profiles,
    CacheOptions settings,
    CacheOptions preferences,
    @Defaults("ttlSeconds=3600") CacheOptions products,
    @Defaults("staleSeconds=60") CacheOptions productLists,
    @Defaults("ttlSeconds=86400") CacheOptions categories) {}
