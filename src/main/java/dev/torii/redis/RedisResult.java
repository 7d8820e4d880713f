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

  /** Whether Redis answered that another kind of value than was asked for stands under the key. */
  public boolean foundAnotherKind() {
    return failed() && cause.getMessage() != null && cause.getMessage().startsWith("WRONGTYPE");
  }
}
