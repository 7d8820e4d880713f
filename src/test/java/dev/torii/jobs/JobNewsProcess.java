package dev.torii.jobs;

import dev.torii.config.AppConfig;
import dev.torii.config.ConfigBinder;
import dev.torii.config.ConfigException;
import dev.torii.postgres.Database;
import dev.torii.realtime.RealtimeVerticle;
import dev.torii.testing.ConnectedRedis;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What one process has to tell of jobs, and no workers: the test is the worker. */
final class JobNewsProcess implements AutoCloseable {
  private final ConnectedRedis redis;
  private RedisJobNews news;
  private Context context;

  /** A process that reaches Redis at {@code redisUri}. */
  JobNewsProcess(String redisUri, String postgresUri) {
    redis = ConnectedRedis.to(redisUri);
    AppConfig config = defaults();
    await(
        redis
            .vertx()
            .deployVerticle(
                new RealtimeVerticle(
                    redis.bus(),
                    ConnectedRedis.settings(redisUri, Duration.ofMillis(500), Map.of()),
                    config.live(),
                    redis.registry(),
                    Clock.systemUTC())));
    var database = new Database(redis.vertx(), postgresUri, config.pg(), redis.registry());
    database.starting();
    Deployable worker =
        on -> {
          context = on;
          news =
              new RedisJobNews(
                  redis.vertx(),
                  redis.bus(),
                  database,
                  true,
                  new JobPresent(redis.bus(), database));
          return Future.succeededFuture();
        };
    await(redis.vertx().deployVerticle(worker));
  }

  void tell(JobChange... changes) {
    context.runOnContext(turn -> news.changed(List.of(changes)));
  }

  void progress(UUID id, int attempt, int percent, String stage) {
    context.runOnContext(turn -> news.progressed(id, attempt, percent, stage, null));
  }

  void doubt(long sinceNanos) {
    context.runOnContext(turn -> news.doubt(sinceNanos));
  }

  /** Waits until all that was said is told. */
  void drain() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(turn -> news.drain(Duration.ofSeconds(20)).onComplete(done));
    await(done.future());
  }

  ConnectedRedis redis() {
    return redis;
  }

  /** Dies: nothing more is told. */
  @Override
  public void close() {
    redis.close();
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  private static AppConfig defaults() {
    try {
      return ConfigBinder.of(Map.of());
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }
}
