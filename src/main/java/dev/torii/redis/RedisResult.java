package dev.torii.redis;

import io.vertx.redis.client.Response;

/**
 * What one call of a wave came to: an answer, null included, or the reason why there is none.
 *
 * @param cause why the call failed, null when it did not
 */
public record RedisResult(Response value, Throwable cause) {
  public boolean failed() {
    return cause != null;
  }
}
