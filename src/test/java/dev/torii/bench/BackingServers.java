package dev.torii.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import redis.embedded.RedisServer;

/**
 * The Redis and the PostgreSQL that the measured processes use: given ones ({@code TEST_REDIS_URI},
 * {@code TEST_PG_URI}), which keep what the benchmark writes, else embedded ones.
 */
final class BackingServers implements Closeable {
  private final String redisUri;
  private final String pgUri;
  private final RedisServer redis;
  private final EmbeddedPostgres postgres;

  private BackingServers(
      String redisUri, String pgUri, RedisServer redis, EmbeddedPostgres postgres) {
    this.redisUri = redisUri;
    this.pgUri = pgUri;
    this.redis = redis;
    this.postgres = postgres;
  }

  static BackingServers start() throws IOException {
    String redisUri = System.getenv("TEST_REDIS_URI");
    RedisServer redis = null;
    if (redisUri == null) {
      int port = freePort();
      redis = RedisServer.builder().port(port).setting("save \"\"").build();
      redis.start();
      redisUri = "redis://127.0.0.1:" + port;
    }
    String pgUri = System.getenv("TEST_PG_URI");
    EmbeddedPostgres postgres = null;
    if (pgUri == null) {
      postgres =
          EmbeddedPostgres.builder()
              .setServerConfig("listen_addresses", "127.0.0.1")
              .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
              .start();
      pgUri = "postgresql://postgres:postgres@127.0.0.1:" + postgres.getPort() + "/postgres";
    }
    return new BackingServers(redisUri, pgUri, redis, postgres);
  }

  String redisUri() {
    return redisUri;
  }

  String pgUri() {
    return pgUri;
  }

  @Override
  public void close() throws IOException {
    if (redis != null) {
      redis.stop();
    }
    if (postgres != null) {
      postgres.close();
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
