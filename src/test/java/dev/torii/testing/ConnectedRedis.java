package dev.torii.testing;

import dev.torii.bus.Bus;
import dev.torii.config.RedisConfig;
import dev.torii.redis.RedisClient;
import dev.torii.redis.RedisServers;
import dev.torii.redis.RedisVerticle;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The owner of the Redis connections as it runs in Torii, and verticles that use it. */
public final class ConnectedRedis implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = Bus.install(vertx, Duration.ofMillis(1_400));
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final RedisConfig config;

  private ConnectedRedis(RedisConfig config) {
    this.config = config;
  }

  /** Connects with a command timeout of half a second. */
  public static ConnectedRedis to(String uri) {
    return with(settings(uri, Duration.ofMillis(500), Map.of()));
  }

  /** Connects to what {@code config} names, whether it answers or not. */
  public static ConnectedRedis with(RedisConfig config) {
    var connected = new ConnectedRedis(config);
    var verticle =
        new RedisVerticle(connected.bus, config, new RedisServers(config), connected.registry);
    await(connected.vertx.deployVerticle(verticle));
    return connected;
  }

  /** The usual settings but for these. */
  public static RedisConfig settings(
      String uri, Duration commandTimeout, Map<String, String> areas) {
    return new RedisConfig(
        uri,
        "",
        "",
        areas,
        commandTimeout,
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        32_768,
        true);
  }

  public Vertx vertx() {
    return vertx;
  }

  public Bus bus() {
    return bus;
  }

  public MeterRegistry registry() {
    return registry;
  }

  /** Value of a counter without tags. */
  public double count(String counter) {
    return registry.get(counter).counter().count();
  }

  /** A new verticle with a client of its own. */
  public User user() {
    Promise<User> user = Promise.promise();
    Deployable verticle =
        context -> {
          user.complete(new User(context, new RedisClient(vertx, bus, config.coalesce())));
          return Future.succeededFuture();
        };
    await(vertx.deployVerticle(verticle));
    return await(user.future());
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  /** A verticle that may be told from any thread what to do on its context. */
  public static final class User {
    private final Context context;
    private final RedisClient client;

    private User(Context context, RedisClient client) {
      this.context = context;
      this.client = client;
    }

    /** Uses the client in one turn of the verticle's event loop. */
    public <T> Future<T> start(Function<RedisClient, Future<T>> use) {
      Promise<T> done = Promise.promise();
      context.runOnContext(turn -> Future.succeededFuture(client).compose(use).onComplete(done));
      return done.future();
    }

    /** As {@link #start}, and waits; throws what the use failed with. */
    public <T> T get(Function<RedisClient, Future<T>> use) {
      return await(start(use));
    }
  }
}
