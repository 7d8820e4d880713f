package dev.torii.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.List;

/**
 * What one call of a wave came to: an answer, null included, or the reason why there is none.
 *
 * @param cause why the call failed, null when it did not
 */
public record RedisResult(Response value, Throwable cause) {
  public boolean failed() {
    return cause != null;
  }

  /** Fails with the cause of the first call of a wave that failed, if one did. */
  public static Future<Void> requireAll(List<RedisResult> results) {
    for (RedisResult result : results) {
      if (result.failed()) {
        return Future.failedFuture(result.cause());
      }
    }
    return Future.succeededFuture();
  }

  /** Whether Redis answered that another kind of value than was asked for stands under the key. */
  public boolean foundAnotherKind() {
    return failed() && cause.getMessage() != null && cause.getMessage().startsWith("WRONGTYPE");
  }
}
