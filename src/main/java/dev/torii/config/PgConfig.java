package dev.torii.config;

import java.time.Duration;

/** The {@code pg} section. */
public record PgConfig(
    @Setting(
            key = "uri",
            secret = true,
            doc =
                "PostgreSQL server, postgresql://user:password@host:port/database; empty starts"
                    + " the embedded one")
        String uri,
    @Setting(key = "poolSize", value = "8", min = 1, max = 500, doc = "Connections in the pool")
        int poolSize,
    @Setting(
            key = "maxWaiting",
            value = "1000",
            min = 1,
            doc = "Statements waiting for a connection above which new ones are refused")
        int maxWaiting,
    @Setting(
            key = "acquireTimeoutMs",
            value = "600",
            min = 1,
            max = 60000,
            doc = "Longest wait for a free connection")
        Duration acquireTimeout,
    @Setting(
            key = "statementTimeoutMs",
            value = "1000",
            min = 1,
            max = 600000,
            doc = "Longest run of one statement, kept by the server")
        Duration statementTimeout,
    @Setting(
            key = "connectTimeoutMs",
            value = "1000",
            min = 1,
            max = 60000,
            doc = "Longest wait for a new connection to the server")
        Duration connectTimeout) {
  PgConfig withUri(String other) {
    return new PgConfig(
        other, poolSize, maxWaiting, acquireTimeout, statementTimeout, connectTimeout);
  }

  @Override
  public String toString() {
    return "Pg[poolSize=" + poolSize + "]";
  }
}
