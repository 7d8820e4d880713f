package dev.torii.redis;

import dev.torii.config.RedisConfig;
import dev.torii.failure.ErrorCode;
import dev.torii.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A connection that waits for lists: a blocking pop would hold up every command behind it. It is
 * made when it is first needed, and anew after a failure, for whoever asks next.
 */
final class RedisQueues {
  private final Vertx vertx;
  private final String uri;
  private final RedisConfig config;
  private Redis client;
  private RedisConnection connection;
  private boolean busy;
  private boolean closed;

  RedisQueues(Vertx vertx, String uri, RedisConfig config) {
    this.vertx = vertx;
    this.uri = uri;
    this.config = config;
  }

  /**
   * Takes the first element of the first of these lists that has one, or waits for one.
   *
   * @param patience how long to wait, 10 ms or more
   * @return the key of the list, null when nothing came; fails with UNAVAILABLE when Redis is away,
   *     and with BUSY while another is waiting
   */
  Future<String> pop(List<String> keys, Duration patience) {
    if (closed) {
      return Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, null));
    }
    if (busy) {
      return Future.failedFuture(Failure.of(ErrorCode.BUSY, "Another waits already"));
    }
    busy = true;
    Request pop = Request.cmd(Command.BLPOP);
    keys.forEach(pop::arg);
    pop.arg(String.valueOf(patience.toMillis() / 1e3));
    long deadlineMillis = patience.plus(config.commandTimeout()).toMillis();
    return connected()
        .compose(c -> c.send(pop).timeout(deadlineMillis, TimeUnit.MILLISECONDS))
        .onFailure(t -> drop())
        .map(RedisQueues::key)
        .recover(t -> Future.failedFuture(Failure.of(ErrorCode.UNAVAILABLE, null, t)))
        .onComplete(done -> busy = false);
  }

  void close() {
    closed = true;
    drop();
  }

  private Future<RedisConnection> connected() {
    if (connection != null) {
      return Future.succeededFuture(connection);
    }
    Redis attempt = Redis.createClient(vertx, RedisOptionsFactory.commands(uri, config));
    client = attempt;
    return attempt
        .connect()
        .timeout(config.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(c -> established(attempt, c));
  }

  private void established(Redis attempt, RedisConnection c) {
    connection = c;
    c.endHandler(v -> lost(attempt));
    c.exceptionHandler(t -> lost(attempt));
  }

  private void lost(Redis attempt) {
    if (attempt == client) {
      drop();
    }
  }

  private void drop() {
    Redis dropped = client;
    client = null;
    connection = null;
    if (dropped != null) {
      dropped.close();
    }
  }

  private static String key(Response popped) {
    return popped == null ? null : popped.get(0).toString();
  }
}
