package dev.torii.redis;

import dev.torii.config.RedisConfig;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.RedisOptions;

/** Options for the client library: none of its own defaults for waiting is left standing. */
final class RedisOptionsFactory {
  private RedisOptionsFactory() {}

  /** A single connection in RESP3, on which the server speaks unasked. */
  static RedisOptions pushes(String uri, RedisConfig config) {
    return commands(uri, config).setPreferredProtocolVersion(ProtocolVersion.RESP3);
  }

  /** A single connection in RESP2, so that no push can meet a waiting command. */
  static RedisOptions commands(String uri, RedisConfig config) {
    return new RedisOptions()
        .setConnectionString(uri)
        .setPreferredProtocolVersion(ProtocolVersion.RESP2)
        .setMaxPoolSize(1)
        .setMaxPoolWaiting(1)
        // one batch may bring as many commands as may wait
        .setMaxWaitingHandlers(config.maxWaiting() * 2)
        .setNetClientOptions(
            new NetClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true));
  }
}
