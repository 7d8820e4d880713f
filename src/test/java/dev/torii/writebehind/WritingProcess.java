package dev.torii.writebehind;

import dev.torii.config.PgConfig;
import dev.torii.config.WriteBehindConfig;
import dev.torii.postgres.Database;
import dev.torii.testing.ConnectedRedis;
import dev.torii.testing.ConnectedRedis.User;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One of several processes that accept and apply writes into a table of the tests. */
final class WritingProcess implements AutoCloseable {
  static final String KIND = "test";

  private static final String WRITE =
      """
      INSERT INTO written AS t (key, version, body)
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
      ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body
      WHERE t.version < excluded.version
      """;

  private final ConnectedRedis redis;
  private final Database database;
  private final WriteBehind shared;
  private final User user;
  private final WriteQueue queue;
  private final String deployment;

  WritingProcess(String redisUri, String pgUri, WriteBehindConfig config) {
    redis = ConnectedRedis.to(redisUri);
    var pg =
        new PgConfig(
            pgUri, 4, 1_000, Duration.ofSeconds(8), Duration.ofSeconds(8), Duration.ofSeconds(8));
    database = new Database(redis.vertx(), pgUri, pg, redis.registry());
    shared = new WriteBehind(config, Duration.ofMillis(500), database, redis.registry());
    user = redis.user();
    queue = user.get(client -> Future.succeededFuture(shared.queue(redis.vertx(), client)));
    var redisConfig = ConnectedRedis.settings(redisUri, Duration.ofMillis(500), Map.of());
    var verticle = new WriteBehindVerticle(redis.bus(), shared, database, redisConfig);
    deployment = await(redis.vertx().deployVerticle(verticle));
  }

  static WriteBehindConfig config(boolean durable, int maxWaiting) {
    return new WriteBehindConfig(
        durable, 10, Duration.ofMillis(20), Duration.ofMillis(300), maxWaiting);
  }

  /** Begins to apply writes of {@code kind}. */
  WritingProcess applying(String kind) {
    shared.register(kind, WritingProcess::write);
    shared.open();
    return this;
  }

  WritingProcess knowing(String kind) {
    shared.register(kind, WritingProcess::write);
    return this;
  }

  /** A stop in good order of the part that applies. */
  void stopApplying() {
    await(redis.vertx().undeploy(deployment));
  }

  WriteBehind shared() {
    return shared;
  }

  Write accept(String key, String body) {
    return accept(KIND, key, body);
  }

  Write accept(String kind, String key, String body) {
    return user.get(client -> queue.accept(kind, key, body));
  }

  Map<String, Write> pending(String... keys) {
    return user.get(client -> queue.pending(KIND, List.of(keys)));
  }

  /** Uses the queue in Redis as a process would that then dies. */
  <T> T inStream(java.util.function.Function<WriteStream, Future<T>> use) {
    return user.get(client -> use.apply(new WriteStream(client)));
  }

  boolean isRedisAway() {
    return redis.registry().get("torii.redis.up").gauge().value() == 0;
  }

  double counted(String metric) {
    return redis.registry().get(metric).counter().count();
  }

  @Override
  public void close() {
    redis.close();
  }

  private static Future<Void> write(SqlClient tx, List<Write> writes) {
    String[] keys = writes.stream().map(Write::key).toArray(String[]::new);
    Long[] versions = writes.stream().map(Write::version).toArray(Long[]::new);
    String[] bodies = writes.stream().map(Write::body).toArray(String[]::new);
    return tx.preparedQuery(WRITE).execute(Tuple.of(keys, versions, bodies)).mapEmpty();
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }
}
