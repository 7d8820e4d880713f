package dev.torii.redis;

import dev.torii.bus.Bus;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import dev.torii.redis.RedisApi.Calls;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;

/**
 * The way to Redis for one verticle: gathers the calls of one turn of its event loop into one
 * message for the {@link RedisVerticle}.
 *
 * <p>Belongs to the context that created it and is used on that context only.
 */
public final class RedisClient {
  private final Context context;
  private final Bus bus;
  private final boolean coalesce;
  private List<RedisCall> calls = new ArrayList<>();
  private List<Waiting> waiting = new ArrayList<>();

  /** A client for the current context. */
  public RedisClient(Vertx vertx, Bus bus, boolean coalesce) {
    this.context = vertx.getOrCreateContext();
    this.bus = bus;
    this.coalesce = coalesce;
  }

  /**
   * Sends one call.
   *
   * @return the answer, which may be null; fails with {@link ErrorCode#UNAVAILABLE} when Redis is
   *     away, and with the error that Redis gave otherwise
   */
  public Future<Response> send(RedisCall call) {
    return wave(List.of(call))
        .compose(
            results -> {
              RedisResult result = results.get(0);
              return result.failed()
                  ? Future.failedFuture(result.cause())
                  : Future.succeededFuture(result.value());
            });
  }

  /**
   * Sends several calls together and waits once.
   *
   * @return one result a call in the order given; never fails as a whole
   */
  public Future<List<RedisResult>> wave(List<RedisCall> wave) {
    if (wave.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    Promise<List<RedisResult>> promise = Promise.promise();
    waiting.add(new Waiting(calls.size(), wave.size(), promise));
    calls.addAll(wave);
    if (!coalesce) {
      flush();
    } else if (waiting.size() == 1) {
      context.runOnContext(v -> flush());
    }
    return promise.future();
  }

  private void flush() {
    List<Waiting> answered = waiting;
    List<RedisCall> sent = calls;
    waiting = new ArrayList<>();
    calls = new ArrayList<>(sent.size());
    bus.ask(RedisApi.RUN, new Calls(sent))
        .onSuccess(reply -> answered.forEach(w -> w.promise.complete(w.slice(reply.results()))))
        .onFailure(t -> answered.forEach(w -> w.promise.complete(w.allFailed(t))));
  }

  private record Waiting(int from, int count, Promise<List<RedisResult>> promise) {
    List<RedisResult> slice(List<RedisResult> results) {
      return results.subList(from, from + count);
    }

    List<RedisResult> allFailed(Throwable cause) {
      var failed = new RedisResult(null, Failure.of(ErrorCode.UNAVAILABLE, null, cause));
      return java.util.Collections.nCopies(count, failed);
    }
  }
}
