package dev.torii.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Everything Torii can be told, checked: no part of the program reads a file, an environment
 * variable or a system property for itself.
 *
 * @param limits rules by name; the built-in ones are always there
 */
public record AppConfig(
    @Setting(
            key = "dataDir",
            value = "./data",
            doc = "Directory of the embedded servers, with their data and passwords")
        Path dataDir,
    HttpConfig http,
    RedisConfig redis,
    PgConfig pg,
    EmbeddedConfig embedded,
    AuthConfig auth,
    SessionsConfig sessions,
    ApiKeysConfig apiKeys,
    AdminConfig admin,
    AuditConfig audit,
    CacheConfig cache,
    CachesConfig caches,
    WriteBehindConfig writeBehind,
    DecisionsConfig decisions,
    LiveConfig live,
    JobsConfig jobs,
    DocumentsConfig documents,
    ImagesConfig images,
    BusConfig bus,
    LogConfig log,
    Map<String, Limit> limits) {

  /** The same with other servers; an empty one leaves what is configured. */
  public AppConfig withAddresses(Optional<String> redisUri, Optional<String> pgUri) {
    return new AppConfig(
        dataDir,
        http,
        redisUri.map(redis::withUri).orElse(redis),
        pgUri.map(pg::withUri).orElse(pg),
        embedded,
        auth,
        sessions,
        apiKeys,
        admin,
        audit,
        cache,
        caches,
        writeBehind,
        decisions,
        live,
        jobs,
        documents,
        images,
        bus,
        log,
        limits);
  }
}
