package dev.torii.config;

import java.time.Duration;
import java.util.Map;

/** The {@code redis} section; a URI may carry a password, so it is never printed whole. */
public record RedisConfig(
    @Setting(
            key = "uri",
            secret = true,
            doc = "Server for both roles, redis://host:port/db; empty starts the embedded one")
        String uri,
    @Setting(
            key = "stateUri",
            secret = true,
            doc = "Server of the role state (all areas but cache); must not evict")
        String stateUri,
    @Setting(key = "cacheUri", secret = true, doc = "Server of the role cache; may evict")
        String cacheUri,
    @Setting(
            key = "areas",
            secret = true,
            doc =
                "Servers of single areas, for example revocations: redis://localhost:6379/4; the"
                    + " others follow their role")
        Map<String, String> areas,
    @Setting(
            key = "commandTimeoutMs",
            value = "500",
            min = 1,
            max = 60000,
            doc = "Longest wait for a command, after which its connection is thrown away")
        Duration commandTimeout,
    @Setting(
            key = "connectTimeoutMs",
            value = "1000",
            min = 1,
            max = 60000,
            doc = "Longest wait for a connection")
        Duration connectTimeout,
    @Setting(
            key = "reconnectMaxMs",
            value = "2000",
            min = 50,
            max = 60000,
            doc = "Longest pause between two attempts to connect")
        Duration reconnectMax,
    @Setting(
            key = "maxWaiting",
            value = "32768",
            min = 16,
            max = 1048576,
            doc = "Commands in flight per server above which new ones are refused")
        int maxWaiting,
    @Setting(
            key = "coalesce",
            value = "true",
            doc = "Write the commands of one turn of the event loop together")
        boolean coalesce) {
  RedisConfig withUri(String other) {
    return new RedisConfig(
        other,
        stateUri,
        cacheUri,
        areas,
        commandTimeout,
        connectTimeout,
        reconnectMax,
        maxWaiting,
        coalesce);
  }

  @Override
  public String toString() {
    return "Redis[commandTimeout=" + commandTimeout + ", coalesce=" + coalesce + "]";
  }
}
