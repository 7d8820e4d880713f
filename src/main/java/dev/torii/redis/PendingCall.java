package dev.torii.redis;

import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** One call of a {@link Wave} on its way to a server and back. */
final class PendingCall {
  private final RedisCall call;
  private final Wave wave;
  private final int index;

  PendingCall(RedisCall call, Wave wave, int index) {
    this.call = call;
    this.wave = wave;
    this.index = index;
  }

  Request request() {
    return call.request();
  }

  boolean isScript() {
    return call.isScript();
  }

  Request withSource() {
    return call.withSource();
  }

  boolean repeatable() {
    return call.repeatable();
  }

  void complete(Response answer) {
    wave.set(index, new RedisResult(answer, null));
  }

  void fail(Throwable cause) {
    wave.set(index, new RedisResult(null, cause));
  }
}
